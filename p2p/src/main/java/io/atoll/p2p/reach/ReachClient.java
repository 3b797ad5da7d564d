package io.atoll.p2p.reach;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostWatcher;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.negotiate.Frame;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out whether this node can be dialled: every new peer that helps with that is asked once.
public final class ReachClient {
  private static final Logger log = LoggerFactory.getLogger(ReachClient.class);
  private static final Duration REQUEST = Duration.ofSeconds(30);
  private static final long MOST_DATA = 200_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  /// What one peer found: whether the address can be dialled.
  public record Found(Multiaddr address, boolean reachable) {}

  private final NetworkHost host;
  private final ReachPolicy policy;
  private final Consumer<Reachability> onChange;

  /// Dial-backs that are waited for.
  private final Map<Long, CountDownLatch> expected = new ConcurrentHashMap<>();

  // Under the lock of this object.
  private final Verdicts verdicts;
  private final SequencedSet<Multiaddr> observed = new LinkedHashSet<>();
  private Reachability last = Reachability.UNKNOWN;

  private ReachClient(NetworkHost host, ReachPolicy policy, Consumer<Reachability> onChange) {
    this.host = host;
    this.policy = policy;
    this.onChange = onChange;
    this.verdicts = new Verdicts(policy.agreeing());
  }

  /// Asks from now on whoever connects.
  ///
  /// @param onChange told each time the answer is another; it returns at once
  public static ReachClient start(
      NetworkHost host, ReachPolicy policy, Consumer<Reachability> onChange) {
    ReachClient client = new ReachClient(host, policy, onChange);
    host.handle(AutonatV2.DIAL_BACK, client::takeDialBack);
    host.watch(
        new HostWatcher() {
          @Override
          public void identified(PeerId peer, Identified said) {
            client.identified(peer, said);
          }
        });
    return client;
  }

  public synchronized Reachability reachability() {
    return verdicts.overall();
  }

  /// Addresses that enough others could dial.
  public synchronized List<Multiaddr> reachable() {
    return verdicts.reachable();
  }

  /// Asks a connected peer, by the newer protocol that it speaks.
  ///
  /// @return what it found, empty where it would not try
  public Optional<Found> ask(PeerId peer, List<Multiaddr> addresses)
      throws IOException, InterruptedException {
    List<String> speaks = host.peers().find(peer).map(known -> known.protocols()).orElse(List.of());
    Optional<Found> found;
    try (var _ = host.swarm().expectSecond(peer)) {
      found =
          speaks.contains(AutonatV2.DIAL_REQUEST)
              ? askSecond(peer, addresses)
              : askFirst(peer, addresses);
    }
    found.ifPresent(verdict -> heard(peer, verdict));
    return found;
  }

  Optional<Found> askFirst(PeerId peer, List<Multiaddr> addresses)
      throws IOException, InterruptedException {
    try (Stream stream = host.open(peer, AutonatV1.PROTOCOL);
        var _ = new Deadline(REQUEST, stream::reset)) {
      Frame.write(stream.out(), new AutonatV1.Dial(host.id(), addresses).encode());
      AutonatV1 answer = AutonatV1.decode(Frame.read(stream.in(), AutonatV1.MAX_BYTES));
      if (!(answer instanceof AutonatV1.Response response)) {
        throw new ProtocolException("peer " + peer + " asks back");
      }
      return switch (response.status()) {
        case AutonatV1.OK ->
            response
                .address()
                .map(Multiaddr::withoutPeer)
                .filter(addresses::contains)
                .map(address -> new Found(address, true));
        // It says so of all that it tried, of which none is named for certain.
        case AutonatV1.DIAL_ERROR ->
            addresses.stream().findFirst().map(address -> new Found(address, false));
        default -> Optional.empty();
      };
    }
  }

  Optional<Found> askSecond(PeerId peer, List<Multiaddr> addresses)
      throws IOException, InterruptedException {
    long nonce = RANDOM.nextLong();
    CountDownLatch dialledBack = new CountDownLatch(1);
    expected.put(nonce, dialledBack);
    try (Stream stream = host.open(peer, AutonatV2.DIAL_REQUEST);
        var _ = new Deadline(REQUEST, stream::reset)) {
      write(stream, new AutonatV2.Request(addresses.stream().map(Optional::of).toList(), nonce));
      AutonatV2 answer = read(stream);
      if (answer instanceof AutonatV2.DataRequest(int _, long bytes)) {
        if (bytes > MOST_DATA || bytes < 0) {
          throw new ProtocolException("peer " + peer + " wants " + bytes + " bytes for a dial");
        }
        for (long left = bytes; left > 0; left -= AutonatV2.MAX_DATA) {
          write(stream, new AutonatV2.Data((int) Math.min(left, AutonatV2.MAX_DATA)));
        }
        answer = read(stream);
      }
      if (!(answer instanceof AutonatV2.Response(int status, int index, int dialStatus))
          || status != AutonatV2.OK
          || index < 0
          || index >= addresses.size()) {
        return Optional.empty();
      }
      Multiaddr address = addresses.get(index);
      return switch (dialStatus) {
        // Whoever says that it dialled has shown it.
        case AutonatV2.OK ->
            dialledBack.await(1, TimeUnit.SECONDS)
                ? Optional.of(new Found(address, true))
                : Optional.empty();
        case AutonatV2.DIAL_ERROR -> Optional.of(new Found(address, false));
        default -> Optional.empty();
      };
    } finally {
      expected.remove(nonce);
    }
  }

  private void takeDialBack(Stream stream) throws IOException {
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      long nonce = AutonatV2.decodeNonce(Frame.read(stream.in(), AutonatV2.MAX_BYTES));
      CountDownLatch waiting = expected.get(nonce);
      if (waiting == null) {
        throw new ProtocolException("a dial-back that nobody asked for");
      }
      Frame.write(stream.out(), new byte[] {1 << 3, 0});
      waiting.countDown();
    }
  }

  private void identified(PeerId peer, Identified said) {
    said.observed().filter(policy::dialable).ifPresent(this::observe);
    boolean helps =
        said.protocols().contains(AutonatV2.DIAL_REQUEST)
            || said.protocols().contains(AutonatV1.PROTOCOL);
    if (!helps) {
      return;
    }
    List<Multiaddr> open = open(peer);
    if (open.isEmpty()) {
      return;
    }
    Thread.ofVirtual()
        .name("autonat")
        .start(
            () -> {
              try {
                ask(peer, open);
              } catch (IOException e) {
                log.debug("{} does not say who can dial us: {}", peer, e.getMessage());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private synchronized void observe(Multiaddr address) {
    observed.addLast(address.withoutPeer());
    if (observed.size() > 8) {
      observed.removeFirst();
    }
  }

  /// What this node may be reached at, as far as this peer has said nothing of it: where it
  /// listens, and the same ports at the address that others see.
  private synchronized List<Multiaddr> open(PeerId peer) {
    SequencedSet<Multiaddr> candidates = new LinkedHashSet<>();
    for (String text : host.listening()) {
      Multiaddr address = Multiaddr.parse(text).withoutPeer();
      candidates.add(address);
      for (Multiaddr seen : observed) {
        List<Multiaddr.Part> parts = new ArrayList<>(address.parts());
        if (parts.getFirst().protocol() == seen.parts().getFirst().protocol()) {
          parts.set(0, seen.parts().getFirst());
          candidates.add(new Multiaddr(parts));
        }
      }
    }
    return candidates.stream()
        .filter(policy::dialable)
        .filter(address -> !verdicts.heard(peer, address))
        .limit(AutonatV2.MAX_ADDRESSES)
        .toList();
  }

  private void heard(PeerId peer, Found found) {
    Reachability now;
    synchronized (this) {
      verdicts.add(peer, found.address(), found.reachable());
      now = verdicts.overall();
      if (now == last) {
        return;
      }
      last = now;
    }
    onChange.accept(now);
  }

  private static AutonatV2 read(Stream stream) throws IOException {
    return AutonatV2.decode(Frame.read(stream.in(), AutonatV2.MAX_BYTES));
  }

  private static void write(Stream stream, AutonatV2 message) throws IOException {
    Frame.write(stream.out(), message.encode());
  }
}
