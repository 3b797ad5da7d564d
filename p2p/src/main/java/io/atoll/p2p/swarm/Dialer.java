package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Dials the addresses of a peer in order, one dial per peer at a time. An address that does not
/// answer leaves their share of the time to those after it.
final class Dialer {
  private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(15);
  private static final int MAX_ADDRESSES = 25;

  interface Admission {
    Connection admit(Connection connection) throws IOException;
  }

  /// Shared with the swarm, which may add to it.
  private final List<Transport> transports;

  // Under the lock of this object.
  private final Set<PeerId> dialling = new HashSet<>();

  Dialer(List<Transport> transports) {
    this.transports = transports;
  }

  Connection dial(
      PeerId peer,
      List<String> addresses,
      Duration timeout,
      Supplier<Optional<Connection>> existing,
      Admission admission)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    begin(peer, end);
    try {
      Optional<Connection> connected = existing.get();
      return connected.isPresent() ? connected.get() : dialInOrder(peer, addresses, end, admission);
    } finally {
      synchronized (this) {
        dialling.remove(peer);
        notifyAll();
      }
    }
  }

  /// Waits for a dial to the same peer that is under way: its result serves both.
  private synchronized void begin(PeerId peer, long end) throws IOException, InterruptedException {
    while (!dialling.add(peer)) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new DialException("a dial to " + peer + " that began before has no result yet");
      }
      wait(millis);
    }
  }

  private Connection dialInOrder(PeerId peer, List<String> addresses, long end, Admission admission)
      throws IOException, InterruptedException {
    List<String> failures = new ArrayList<>();
    Throwable last = null;
    int count = Math.min(addresses.size(), MAX_ADDRESSES);
    for (int i = 0; i < count; i++) {
      String address = addresses.get(i);
      Duration share = Duration.ofNanos((end - System.nanoTime()) / (count - i));
      try {
        return admission.admit(attempt(peer, address, share));
      } catch (IOException e) {
        last = e;
        failures.add(address + " (" + e.getMessage() + ")");
      }
    }
    throw unreachable(peer, failures, last);
  }

  private Connection attempt(PeerId peer, String text, Duration share)
      throws DialException, InterruptedException {
    Multiaddr address;
    try {
      address = Multiaddr.parse(text);
    } catch (IllegalArgumentException e) {
      throw new DialException("that is no multiaddr", e);
    }
    Optional<String> named = address.peer();
    if (named.isPresent() && !named.get().equals(peer.text())) {
      throw new DialException("that address is of another peer");
    }
    if (!share.isPositive()) {
      throw new DialException("no time was left to try it");
    }
    for (Transport transport : transports) {
      if (transport.handles(address)) {
        Duration timeout = share.compareTo(LONGEST_ATTEMPT) < 0 ? share : LONGEST_ATTEMPT;
        return transport.dial(address, new DialOptions(peer, timeout));
      }
    }
    throw new DialException("no transport here knows how to dial it");
  }

  private static DialException unreachable(
      PeerId peer, List<String> failures, @Nullable Throwable last) {
    String message =
        failures.isEmpty()
            ? "no address of peer " + peer + " is known"
            : "cannot reach peer " + peer + ": " + String.join("; ", failures);
    return last == null ? new DialException(message) : new DialException(message, last);
  }
}
