package io.atoll.p2p.holepunch;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostWatcher;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.negotiate.Frame;
import io.atoll.p2p.swarm.Refusals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.tcp.TcpPunch;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Gets direct connections to peers that are connected over a relay, from both ends. The relayed
/// one makes way by itself once there is a direct one.
public final class HolePunch {
  private static final Logger log = LoggerFactory.getLogger(HolePunch.class);
  private static final Duration REQUEST = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final int MAX_DIALS = 8;

  private final NetworkHost host;
  private final PunchPolicy policy;
  private final Refusals outcomes = new Refusals();

  // Under the lock of this object.
  private final SequencedSet<Multiaddr> observed = new LinkedHashSet<>();

  /// By peer; a connection that was punched.
  private final Map<PeerId, Connection> punched = new ConcurrentHashMap<>();

  private HolePunch(NetworkHost host, PunchPolicy policy) {
    this.host = host;
    this.policy = policy;
  }

  /// From now on, for every relayed connection that comes.
  public static HolePunch start(NetworkHost host, PunchPolicy policy) {
    HolePunch punch = new HolePunch(host, policy);
    host.handleOn(PunchMessage.PROTOCOL, punch::asA);
    host.watch(
        new HostWatcher() {
          @Override
          public void opened(Connection connection) {
            if (connection.limited() && connection.role() == Role.RESPONDER) {
              Thread.ofVirtual().name("hole-punch").start(() -> punch.asB(connection));
            }
          }

          @Override
          public void closed(Connection connection) {
            punch.punched.remove(connection.remote(), connection);
          }

          @Override
          public void identified(PeerId peer, Identified said) {
            said.observed().filter(policy.dialable()).ifPresent(punch::observe);
          }
        });
    return punch;
  }

  /// How often which way worked, or none did: `direct`, `punched`, `failed`.
  public Refusals outcomes() {
    return outcomes;
  }

  /// Whether a connection goes through a hole that was punched for it.
  public boolean punched(Connection connection) {
    return connection.equals(punched.get(connection.remote()));
  }

  private void asA(Connection relayed, Stream stream) throws IOException, InterruptedException {
    if (!relayed.limited()) {
      throw new ProtocolException("a hole is punched where there is no direct connection");
    }
    List<Multiaddr> theirs;
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      theirs = expect(stream, PunchMessage.Type.CONNECT).addresses();
      Frame.write(stream.out(), new PunchMessage(PunchMessage.Type.CONNECT, own()).encode());
      expect(stream, PunchMessage.Type.SYNC);
    }
    punch(relayed.remote(), theirs, Role.INITIATOR);
  }

  private void asB(Connection relayed) {
    PeerId peer = relayed.remote();
    try {
      Thread.sleep(policy.settle());
      if (isDirect(peer) || dialAsAnybody(peer)) {
        return;
      }
      for (int i = 0; i < policy.attempts() && relayed.isOpen(); i++) {
        if (attempt(relayed)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    outcomes.count("failed");
  }

  private boolean dialAsAnybody(PeerId peer) throws InterruptedException {
    List<String> known =
        host.peers().addresses(peer).stream()
            .filter(policy.dialable())
            .map(Multiaddr::toString)
            .toList();
    if (known.isEmpty()) {
      return false;
    }
    try {
      host.swarm().connectDirectly(peer, known, policy.dial());
      outcomes.count("direct");
      return true;
    } catch (IOException e) {
      log.debug("{} cannot be dialled directly: {}", peer, e.getMessage());
      return false;
    }
  }

  private boolean attempt(Connection relayed) throws InterruptedException {
    PeerId peer = relayed.remote();
    List<Multiaddr> theirs;
    Duration half;
    try (Stream stream = host.open(peer, PunchMessage.PROTOCOL);
        var _ = new Deadline(REQUEST, stream::reset)) {
      long begun = System.nanoTime();
      Frame.write(stream.out(), new PunchMessage(PunchMessage.Type.CONNECT, own()).encode());
      theirs = expect(stream, PunchMessage.Type.CONNECT).addresses();
      half = Duration.ofNanos((System.nanoTime() - begun) / 2);
      Frame.write(stream.out(), new PunchMessage(PunchMessage.Type.SYNC, List.of()).encode());
    } catch (IOException e) {
      log.debug("{} could not be told of a hole: {}", peer, e.getMessage());
      return false; // the next attempt may be luckier
    }
    Thread.sleep(half);
    return punch(peer, theirs, Role.RESPONDER);
  }

  private static PunchMessage expect(Stream stream, PunchMessage.Type type) throws IOException {
    PunchMessage message = PunchMessage.decode(Frame.read(stream.in(), PunchMessage.MAX_BYTES));
    if (message.type() != type) {
      throw new ProtocolException("a hole punch goes on with " + type);
    }
    return message;
  }

  /// Dials all at once: the first that works stays.
  private boolean punch(PeerId peer, List<Multiaddr> theirs, Role role)
      throws InterruptedException {
    List<Multiaddr[]> pairs = new ArrayList<>();
    for (Multiaddr to : theirs) {
      for (Multiaddr from : listening()) {
        if (pairs.size() < MAX_DIALS
            && policy.dialable().test(to)
            && TcpPunch.handles(from, to)
            && host.swarm().mayDial(peer, to)) {
          pairs.add(new Multiaddr[] {from, to});
        }
      }
    }
    try (ExecutorService dials = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletionService<Connection> results = new ExecutorCompletionService<>(dials);
      for (Multiaddr[] pair : pairs) {
        results.submit(
            () ->
                host.swarm()
                    .adopt(
                        TcpPunch.dial(
                            host.upgrader(),
                            pair[0],
                            pair[1],
                            peer,
                            role,
                            policy.dial(),
                            () -> isDirect(peer))));
      }
      for (int left = pairs.size(); left > 0 && !isDirect(peer); ) {
        try {
          // The peer may get through first: that is looked for in between.
          Future<Connection> one = results.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
          if (one != null) {
            left--;
            one.get();
          }
        } catch (ExecutionException e) {
          log.debug("no hole to {}: {}", peer, String.valueOf(e.getCause()));
        }
      }
      dials.shutdownNow();
    }
    Optional<Connection> direct = direct(peer);
    if (direct.isPresent()) {
      outcomes.count("punched");
      punched.put(peer, direct.get());
    }
    return direct.isPresent();
  }

  private boolean isDirect(PeerId peer) {
    return direct(peer).isPresent();
  }

  private Optional<Connection> direct(PeerId peer) {
    return host.swarm().connection(peer).filter(found -> !found.limited());
  }

  private List<Multiaddr> listening() {
    return host.listening().stream().map(text -> Multiaddr.parse(text).withoutPeer()).toList();
  }

  /// Where this node listens, and the same ports at the address that others see.
  private synchronized List<Multiaddr> own() {
    SequencedSet<Multiaddr> own = new LinkedHashSet<>();
    for (Multiaddr address : listening()) {
      for (Multiaddr seen : observed.reversed()) {
        List<Multiaddr.Part> parts = new ArrayList<>(address.parts());
        if (parts.getFirst().protocol() == seen.parts().getFirst().protocol()) {
          parts.set(0, seen.parts().getFirst());
          own.add(new Multiaddr(parts));
        }
      }
      own.add(address);
    }
    return own.stream().filter(policy.dialable()).limit(16).toList();
  }

  private synchronized void observe(Multiaddr address) {
    observed.addLast(address.withoutPeer());
    if (observed.size() > 8) {
      observed.removeFirst();
    }
  }
}
