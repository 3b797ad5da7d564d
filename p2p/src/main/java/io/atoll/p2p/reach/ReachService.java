package io.atoll.p2p.reach;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stack;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.negotiate.Frame;
import io.atoll.p2p.swarm.Refusals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Tries for others whether they can be dialled, in both versions of AutoNAT.
public final class ReachService implements AutoCloseable {
  private static final Duration REQUEST = Duration.ofSeconds(15);
  private static final Duration DIAL_BACK = Duration.ofSeconds(5);
  private static final int MAX_DIALS = 8;
  private static final int LEAST_DATA = 30_000;
  private static final int MOST_DATA = 100_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ReachPolicy policy;
  private final Refusals refusals = new Refusals();

  /// Dials under an identity that nobody is connected to, and from no port that this node listens
  /// at: what answers is the address.
  private final NetworkHost dialler;

  // Under the lock of this object.
  private final DialBudget budget;

  private ReachService(NetworkHost dialler, ReachPolicy policy) {
    this.dialler = dialler;
    this.policy = policy;
    this.budget = new DialBudget(policy.perMinute(), policy.perMinuteForPeer());
  }

  public static ReachService start(NetworkHost host, ReachPolicy policy) throws IOException {
    return start(host, policy, Stack.standard());
  }

  /// @param stack that of the host: who is in a private network dials back in it
  public static ReachService start(NetworkHost host, ReachPolicy policy, Stack stack)
      throws IOException {
    NetworkHost dialler = P2p.start(HostConfig.of(Identity.generate(), List.of()).withStack(stack));
    ReachService service = new ReachService(dialler, policy);
    host.handleOn(AutonatV1.PROTOCOL, service::first);
    host.handleOn(AutonatV2.DIAL_REQUEST, service::second);
    return service;
  }

  /// How often something was refused, by cause.
  public Refusals refusals() {
    return refusals;
  }

  @Override
  public void close() {
    dialler.close();
  }

  private void first(Connection connection, Stream stream)
      throws IOException, InterruptedException {
    AutonatV1 request;
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      request = AutonatV1.decode(Frame.read(stream.in(), AutonatV1.MAX_BYTES));
    } catch (ProtocolException e) {
      answer(stream, AutonatV1.BAD_REQUEST, "malformed", Optional.empty());
      return;
    }
    PeerId peer = connection.remote();
    if (!(request instanceof AutonatV1.Dial dial) || !dial.peer().equals(peer)) {
      answer(stream, AutonatV1.BAD_REQUEST, "a peer asks for itself", Optional.empty());
      return;
    }
    Optional<InetAddress> seen = ReachPolicy.host(connection.remoteAddress());
    List<String> addresses =
        dial.addresses().stream()
            .filter(policy::dialable)
            .filter(address -> ReachPolicy.host(address).equals(seen))
            .map(Multiaddr::toString)
            .distinct()
            .limit(MAX_DIALS)
            .toList();
    if (connection.limited() || addresses.isEmpty()) {
      refusals.count("autonat-no-address");
      answer(stream, AutonatV1.DIAL_REFUSED, "no address to dial", Optional.empty());
      return;
    }
    if (!begin(peer)) {
      answer(stream, AutonatV1.DIAL_REFUSED, "too many dials", Optional.empty());
      return;
    }
    try {
      Connection made = dialler.swarm().connect(peer, addresses, policy.dial());
      answer(stream, AutonatV1.OK, "", Optional.of(made.remoteAddress()));
    } catch (IOException e) {
      answer(stream, AutonatV1.DIAL_ERROR, "no address answers", Optional.empty());
    } finally {
      end(peer);
    }
  }

  private static void answer(Stream stream, int status, String text, Optional<Multiaddr> address)
      throws IOException {
    Frame.write(stream.out(), new AutonatV1.Response(status, text, address).encode());
  }

  private void second(Connection connection, Stream stream)
      throws IOException, InterruptedException {
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      if (!(read(stream) instanceof AutonatV2.Request request)) {
        throw new ProtocolException("an AutoNAT stream begins with a request");
      }
      int index = 0;
      while (index < request.addresses().size()
          && !request.addresses().get(index).map(policy::dialable).orElse(false)) {
        index++;
      }
      if (connection.limited() || index == request.addresses().size()) {
        refusals.count("autonat-no-address");
        write(stream, new AutonatV2.Response(AutonatV2.REFUSED, 0, AutonatV2.UNUSED));
        return;
      }
      PeerId peer = connection.remote();
      if (!begin(peer)) {
        write(stream, new AutonatV2.Response(AutonatV2.REJECTED, 0, AutonatV2.UNUSED));
        return;
      }
      try {
        Multiaddr address = request.addresses().get(index).orElseThrow();
        if (!ReachPolicy.host(address).equals(ReachPolicy.host(connection.remoteAddress()))) {
          takeData(stream, index);
        }
        int result = dialBack(peer, address, request.nonce());
        write(stream, new AutonatV2.Response(AutonatV2.OK, index, result));
      } finally {
        end(peer);
      }
    }
  }

  /// Who has a node dial somebody else pays more for it than the other does.
  private static void takeData(Stream stream, int index) throws IOException {
    int wanted = RANDOM.nextInt(LEAST_DATA, MOST_DATA);
    write(stream, new AutonatV2.DataRequest(index, wanted));
    for (int got = 0; got < wanted; ) {
      if (!(read(stream) instanceof AutonatV2.Data(int bytes)) || bytes == 0) {
        throw new ProtocolException("the peer does not send what a dial costs");
      }
      got += bytes;
    }
  }

  private int dialBack(PeerId peer, Multiaddr address, long nonce) throws InterruptedException {
    try {
      dialler.swarm().connect(peer, List.of(address.toString()), policy.dial());
    } catch (IOException e) {
      return AutonatV2.DIAL_ERROR;
    }
    try (Stream back = dialler.open(peer, AutonatV2.DIAL_BACK);
        var _ = new Deadline(DIAL_BACK, back::reset)) {
      Frame.write(back.out(), AutonatV2.encodeNonce(nonce));
      Frame.read(back.in(), AutonatV2.MAX_BYTES);
      return AutonatV2.OK;
    } catch (IOException e) {
      return AutonatV2.DIAL_BACK_ERROR;
    }
  }

  private boolean begin(PeerId peer) {
    boolean may;
    synchronized (this) {
      may = budget.begin(peer, System.nanoTime());
    }
    if (!may) {
      refusals.count("autonat-too-many");
    }
    return may;
  }

  private void end(PeerId peer) {
    dialler.disconnect(peer);
    dialler.peers().forget(peer);
    synchronized (this) {
      budget.end(peer);
    }
  }

  private static AutonatV2 read(Stream stream) throws IOException {
    return AutonatV2.decode(Frame.read(stream.in(), AutonatV2.MAX_BYTES));
  }

  private static void write(Stream stream, AutonatV2 message) throws IOException {
    Frame.write(stream.out(), message.encode());
  }
}
