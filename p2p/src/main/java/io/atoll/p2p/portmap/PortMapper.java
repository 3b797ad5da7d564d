package io.atoll.p2p.portmap;

import io.atoll.p2p.portmap.MapOutcome.Cause;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.MapOutcome.NotMapped;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the ports of this node mapped at its gateway: renews each in time, tries again where it
/// failed, ever more seldom, and takes all of them back when it is closed. One thread asks.
public final class PortMapper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PortMapper.class);
  private static final Duration SOONEST = Duration.ofSeconds(5);
  private static final Duration GRACE = Duration.ofSeconds(10);

  private record Held(PortProtocol protocol, Mapped mapped) {}

  private final List<LocalPort> ports;
  private final PortMapSettings settings;
  private final BiConsumer<LocalPort, MapOutcome> changes;
  private final Supplier<List<PortProtocol>> ways;
  private final Thread worker;

  // Under the lock of this object.
  private final Map<LocalPort, MapOutcome> outcomes = new LinkedHashMap<>();
  private boolean closed;

  // Used by the worker alone.
  private final Map<LocalPort, Held> held = new HashMap<>();
  private List<PortProtocol> protocols = List.of();

  private PortMapper(
      List<LocalPort> ports,
      PortMapSettings settings,
      BiConsumer<LocalPort, MapOutcome> changes,
      Supplier<List<PortProtocol>> ways) {
    this.ports = List.copyOf(ports);
    this.settings = settings;
    this.changes = changes;
    this.ways = ways;
    this.worker = Thread.ofVirtual().name("port-mapping").unstarted(this::run);
  }

  /// @param changes told of each port's outcome when it is another one than before, on the asking
  ///     thread, which it does not hold up
  public static PortMapper start(
      List<LocalPort> ports, PortMapSettings settings, BiConsumer<LocalPort, MapOutcome> changes) {
    return start(ports, settings, changes, PortMapper::atTheGateway);
  }

  /// @param ways to ask, in the order in which they are tried; none where there is no gateway
  static PortMapper start(
      List<LocalPort> ports,
      PortMapSettings settings,
      BiConsumer<LocalPort, MapOutcome> changes,
      Supplier<List<PortProtocol>> ways) {
    PortMapper mapper = new PortMapper(ports, settings, changes, ways);
    mapper.worker.start();
    return mapper;
  }

  private static List<PortProtocol> atTheGateway() {
    Optional<Inet4Address> gateway = DefaultGateway.find();
    return gateway
        .map(
            address -> {
              InetSocketAddress asked = new InetSocketAddress(address, Exchange.PORT);
              return List.of(new Pcp(asked), new NatPmp(asked), new Upnp(address));
            })
        .orElse(List.of());
  }

  /// What became of each port; those that were not asked for yet are missing.
  public synchronized Map<LocalPort, MapOutcome> outcomes() {
    return Map.copyOf(outcomes);
  }

  /// Takes the mappings back; waits for the gateway, but not long.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    worker.interrupt();
    try {
      if (!worker.join(GRACE)) {
        log.warn("the gateway does not answer; what it maps ends by itself");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    Duration retry = settings.retry();
    while (!isClosed()) {
      try {
        boolean all = mapAll();
        Duration pause = all ? renewal() : retry;
        retry = all ? settings.retry() : shorter(retry.multipliedBy(2), settings.longestRetry());
        // One that failed does not keep another from being renewed.
        Thread.sleep(shorter(pause, renewal()));
      } catch (InterruptedException e) {
        // Closed; whatever else would interrupt is none of ours.
        break;
      } catch (RuntimeException e) {
        log.warn("mapping ports failed, it is tried again: {}", e.toString(), e);
        if (!slept(retry)) {
          break;
        }
      }
    }
    // A second interrupt that nobody waited for is not to end this.
    boolean _ = Thread.interrupted();
    takeBack();
  }

  private static boolean slept(Duration pause) {
    try {
      Thread.sleep(pause);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /// @return whether every port is mapped
  private boolean mapAll() throws InterruptedException {
    boolean all = true;
    for (LocalPort port : ports) {
      MapOutcome outcome = map(port);
      all &= outcome instanceof Mapped;
      tell(port, outcome);
    }
    return all;
  }

  private MapOutcome map(LocalPort port) throws InterruptedException {
    Held before = held.get(port);
    if (before != null) {
      int external = before.mapped.external().getPort();
      MapOutcome again = before.protocol.map(port, external, settings.lifetime());
      if (again instanceof Mapped mapped) {
        held.put(port, new Held(before.protocol, mapped));
        return mapped;
      }
      held.remove(port);
    }
    // Where another port is mapped by now the same way leads there, and the rest is not asked.
    if (held.isEmpty()) {
      protocols = ways.get();
    }
    if (protocols.isEmpty()) {
      return new NotMapped(
          Cause.NO_GATEWAY, "no gateway to map " + port + " at: this machine has no default route");
    }
    List<NotMapped> failures = new ArrayList<>();
    for (PortProtocol protocol : protocols) {
      switch (protocol.map(port, port.port(), settings.lifetime())) {
        case Mapped mapped -> {
          held.put(port, new Held(protocol, mapped));
          protocols = List.of(protocol);
          return mapped;
        }
        case NotMapped failed -> failures.add(failed);
      }
    }
    return worst(port, failures);
  }

  private static NotMapped worst(LocalPort port, List<NotMapped> failures) {
    Cause cause =
        failures.stream().map(NotMapped::cause).max(Comparator.naturalOrder()).orElseThrow();
    List<String> texts = failures.stream().map(NotMapped::text).toList();
    return new NotMapped(cause, port + " is not mapped: " + String.join("; ", texts));
  }

  private void tell(LocalPort port, MapOutcome outcome) {
    MapOutcome before;
    synchronized (this) {
      before = outcomes.put(port, outcome);
    }
    if (same(before, outcome)) {
      return;
    }
    switch (outcome) {
      case Mapped mapped -> log.info("{} is {} outside ({})", port, mapped.external(), mapped.by());
      case NotMapped failed -> log.info("{}", failed.text());
    }
    changes.accept(port, outcome);
  }

  /// A lifetime that is a little shorter, or words that differ, are no news.
  private static boolean same(@Nullable MapOutcome a, MapOutcome b) {
    return switch (b) {
      case Mapped now -> a instanceof Mapped then && then.external().equals(now.external());
      case NotMapped now -> a instanceof NotMapped then && then.cause() == now.cause();
    };
  }

  /// When the first of the mappings has lived half of its time.
  private Duration renewal() {
    Duration half =
        held.values().stream()
            .map(one -> one.mapped.lifetime().dividedBy(2))
            .min(Comparator.naturalOrder())
            .orElse(settings.longestRetry());
    return half.compareTo(SOONEST) < 0 ? SOONEST : half;
  }

  private void takeBack() {
    held.forEach(
        (port, one) -> {
          try {
            one.protocol.unmap(port, one.mapped);
          } catch (InterruptedException e) {
            log.debug("{} is not taken back: interrupted", port);
          }
        });
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
