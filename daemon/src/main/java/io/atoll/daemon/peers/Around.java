package io.atoll.daemon.peers;

import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.mdns.MdnsSettings;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node has of the network that it stands in, as its settings and its place allow.
///
/// @param ports at the gateway; empty where that is not asked
/// @param peers that mDNS finds; empty where they are not looked for
record Around(Optional<MappedPorts> ports, Optional<LocalPeers> peers) implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Around.class);

  static Around nothing() {
    return new Around(Optional.empty(), Optional.empty());
  }

  /// To a node that listens on loopback alone nobody around it could come.
  static Around use(NetworkHost host, NetworkSettings settings, Meetings meetings) {
    Surroundings wished = settings.surroundings();
    if (!Places.listensOutside(host)) {
      return nothing();
    }
    Optional<LocalPeers> peers = wished.mdns().flatMap(how -> look(host, how, settings, meetings));
    return new Around(
        wished.portMapping()
            ? Optional.of(MappedPorts.start(host, MappedPorts.atTheGateway()))
            : Optional.empty(),
        peers);
  }

  private static Optional<LocalPeers> look(
      NetworkHost host, MdnsSettings how, NetworkSettings settings, Meetings meetings) {
    try {
      return Optional.of(LocalPeers.start(host, how.withTag(LocalPeers.tag(settings)), meetings));
    } catch (IOException e) {
      LOG.info("peers on this network are not looked for: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    peers.ifPresent(LocalPeers::close);
    ports.ifPresent(MappedPorts::close);
  }
}
