package io.atoll.daemon.peers;

import io.atoll.client.api.MappedPortView;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.portmap.IpProtocol;
import io.atoll.p2p.portmap.LocalPort;
import io.atoll.p2p.portmap.MapOutcome;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.MapOutcome.NotMapped;
import io.atoll.p2p.portmap.PortMapSettings;
import io.atoll.p2p.portmap.PortMapper;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// The ports of this node at its gateway: where others reach them joins what it tells of itself,
/// for as long as it is so. Asks in the background, and takes everything back when it is closed.
final class MappedPorts implements AutoCloseable {
  /// Maps until it is closed.
  interface Mapping extends AutoCloseable {
    @Override
    void close();
  }

  /// Keeps ports mapped until it is closed, and tells of each what became of it.
  @FunctionalInterface
  interface Mapper {
    Mapping start(List<LocalPort> ports, BiConsumer<LocalPort, MapOutcome> changes);
  }

  private final NetworkHost host;
  private final Map<LocalPort, List<Multiaddr>> ports;

  // Under the lock of this object.
  private final Map<LocalPort, MapOutcome> outcomes = new LinkedHashMap<>();
  private boolean closed;

  private final Mapping mapper;

  private MappedPorts(NetworkHost host, Map<LocalPort, List<Multiaddr>> ports, Mapper mapper) {
    this.host = host;
    this.ports = ports;
    this.mapper = mapper.start(List.copyOf(ports.keySet()), this::changed);
  }

  static Mapper atTheGateway() {
    return (ports, changes) -> PortMapper.start(ports, PortMapSettings.defaults(), changes)::close;
  }

  /// Maps what the host listens on now, loopback apart.
  static MappedPorts start(NetworkHost host, Mapper mapper) {
    Map<LocalPort, List<Multiaddr>> ports = new LinkedHashMap<>();
    for (Multiaddr address : host.swarm().listening()) {
      if (Places.isOutside(address)) {
        port(address)
            .ifPresent(port -> ports.computeIfAbsent(port, _ -> new ArrayList<>()).add(address));
      }
    }
    return new MappedPorts(host, ports, mapper);
  }

  private static Optional<LocalPort> port(Multiaddr address) {
    return address
        .value(Protocol.TCP)
        .map(port -> new LocalPort(IpProtocol.TCP, Integer.parseInt(port)))
        .or(
            () ->
                address
                    .value(Protocol.UDP)
                    .map(port -> new LocalPort(IpProtocol.UDP, Integer.parseInt(port))));
  }

  private void changed(LocalPort port, MapOutcome outcome) {
    List<Multiaddr> outside = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      outcomes.put(port, outcome);
      outcomes.forEach(
          (one, what) -> {
            if (what instanceof Mapped mapped) {
              ports.getOrDefault(one, List.of()).stream()
                  .map(address -> moved(address, mapped.external()))
                  .forEach(outside::add);
            }
          });
    }
    host.reachedAlsoAt(outside);
  }

  /// The address with another host and port.
  private static Multiaddr moved(Multiaddr address, InetSocketAddress external) {
    List<Part> parts = new ArrayList<>(address.parts());
    boolean ip4 = external.getAddress() instanceof Inet4Address;
    parts.set(
        0, new Part(ip4 ? Protocol.IP4 : Protocol.IP6, external.getAddress().getHostAddress()));
    parts.set(1, new Part(parts.get(1).protocol(), String.valueOf(external.getPort())));
    return new Multiaddr(parts);
  }

  /// What became of each port; those that were not asked for yet are missing.
  synchronized List<MappedPortView> views() {
    return outcomes.entrySet().stream().map(one -> view(one.getKey(), one.getValue())).toList();
  }

  private static MappedPortView view(LocalPort port, MapOutcome outcome) {
    String protocol = port.protocol().name();
    return switch (outcome) {
      case Mapped mapped ->
          new MappedPortView(
              protocol,
              port.port(),
              mapped.external().getAddress().getHostAddress(),
              mapped.external().getPort(),
              mapped.by(),
              null,
              null);
      case NotMapped failed ->
          new MappedPortView(
              protocol, port.port(), null, null, null, failed.cause().name(), failed.text());
    };
  }

  synchronized long mapped() {
    return outcomes.values().stream().filter(Mapped.class::isInstance).count();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      outcomes.clear();
    }
    host.reachedAlsoAt(List.of());
    mapper.close();
  }
}
