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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Dials the addresses of a peer as `DialPlan` has it, those that do not answer soon beside each
/// other; one such race per peer at a time.
final class Dialer {
  private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(15);
  private static final Duration SLACK = Duration.ofSeconds(1);
  private static final int MAX_ADDRESSES = 25;
  private static final int MAX_AT_ONCE = 100;

  interface Admission {
    Connection admit(Connection connection) throws IOException;
  }

  /// Shared with the swarm, which may add to it.
  private final List<Transport> transports;
  private final Semaphore places = new Semaphore(MAX_AT_ONCE);

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
      return connected.isPresent() ? connected.get() : dialAll(peer, addresses, end, admission);
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

  private Connection dialAll(PeerId peer, List<String> texts, long end, Admission admission)
      throws IOException, InterruptedException {
    // In the order of the caller, who reads the message.
    Map<String, String> failures = new LinkedHashMap<>();
    Map<Multiaddr, String> texted = new LinkedHashMap<>();
    List<String> first = texts.stream().distinct().limit(MAX_ADDRESSES).toList();
    for (String text : first) {
      failures.put(text, "no time was left to try it");
      try {
        texted.putIfAbsent(usable(peer, text), text);
      } catch (DialException e) {
        failures.put(text, String.valueOf(e.getMessage()));
      }
    }
    var race = new Race(peer, end, admission);
    Connection won = null;
    try {
      for (DialPlan.Step step : DialPlan.of(List.copyOf(texted.keySet()))) {
        won = race.waitFor(step.gap());
        if (won != null) {
          break;
        }
        race.begin(step.address());
      }
      if (won == null) {
        won = race.waitForAll();
      }
      if (won != null) {
        return won;
      }
      race.failures()
          .forEach((address, why) -> failures.put(texted.getOrDefault(address, ""), why));
      throw unreachable(peer, failures, race.last());
    } finally {
      race.end();
    }
  }

  private Multiaddr usable(PeerId peer, String text) throws DialException {
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
    if (transports.stream().noneMatch(transport -> transport.handles(address))) {
      throw new DialException("no transport here knows how to dial it");
    }
    return address;
  }

  /// Dials to one peer beside each other, of which the first that is admitted wins; the others are
  /// interrupted, and closed if they come too late.
  private final class Race {
    private final PeerId peer;
    private final long end;
    private final Admission admission;

    // Under the lock of this object.
    private final Map<Multiaddr, String> failures = new LinkedHashMap<>();
    private final List<Thread> running = new ArrayList<>();
    private @Nullable Connection won;
    private @Nullable IOException last;
    private int undecided;
    private boolean over;

    Race(PeerId peer, long end, Admission admission) {
      this.peer = peer;
      this.end = end;
      this.admission = admission;
    }

    synchronized void begin(Multiaddr address) {
      undecided++;
      failures.put(address, "no answer in time");
      running.add(Thread.ofVirtual().name("dial-" + address).start(() -> settle(address)));
    }

    /// The winner, if there is one within this time, or before nobody runs any more.
    @Nullable Connection waitFor(Duration gap) throws InterruptedException {
      return waitUntil(Math.min(end, System.nanoTime() + gap.toNanos()));
    }

    /// Each ends by its own time; a moment more lets it say so.
    @Nullable Connection waitForAll() throws InterruptedException {
      return waitUntil(end + SLACK.toNanos());
    }

    private synchronized @Nullable Connection waitUntil(long until) throws InterruptedException {
      while (won == null && undecided > 0) {
        long millis = (until - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          break;
        }
        wait(millis);
      }
      return won;
    }

    synchronized Map<Multiaddr, String> failures() {
      return new LinkedHashMap<>(failures);
    }

    synchronized @Nullable IOException last() {
      return last;
    }

    synchronized void end() {
      over = true;
      running.forEach(Thread::interrupt);
    }

    private void settle(Multiaddr address) {
      IOException failure = null;
      try {
        decide(dialOnce(peer, address, end));
      } catch (IOException e) {
        failure = e;
      } catch (InterruptedException e) {
        failure = new DialException("another address was faster");
      } catch (RuntimeException e) {
        failure = new DialException("it failed unexpectedly: " + e, e);
      }
      synchronized (this) {
        undecided--;
        if (failure != null) {
          failures.put(address, String.valueOf(failure.getMessage()));
          last = failure;
        }
        notifyAll();
      }
    }

    /// One at a time, so that no second connection takes the place of the one that won.
    private void decide(Connection dialled) throws IOException {
      synchronized (this) {
        if (!over && won == null) {
          won = admission.admit(dialled);
          return;
        }
      }
      dialled.close();
    }
  }

  private Connection dialOnce(PeerId peer, Multiaddr address, long end)
      throws DialException, InterruptedException {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (!left.isPositive() || !places.tryAcquire(left.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new DialException("no time was left to try it");
    }
    try {
      Duration rest = Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
      Duration timeout = rest.compareTo(LONGEST_ATTEMPT) < 0 ? rest : LONGEST_ATTEMPT;
      for (Transport transport : transports) {
        if (transport.handles(address)) {
          return transport.dial(address, new DialOptions(peer, timeout));
        }
      }
      throw new DialException("no transport here knows how to dial it");
    } finally {
      places.release();
    }
  }

  private static DialException unreachable(
      PeerId peer, Map<String, String> failures, @Nullable Throwable last) {
    String message =
        failures.isEmpty()
            ? "no address of peer " + peer + " is known"
            : failures.entrySet().stream()
                .map(failure -> failure.getKey() + " (" + failure.getValue() + ")")
                .collect(Collectors.joining("; ", "cannot reach peer " + peer + ": ", ""));
    return last == null ? new DialException(message) : new DialException(message, last);
  }
}
