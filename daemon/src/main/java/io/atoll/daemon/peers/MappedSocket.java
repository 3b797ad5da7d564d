package io.atoll.daemon.peers;

import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.portmap.IpProtocol;
import io.atoll.p2p.portmap.LocalPort;
import io.atoll.p2p.portmap.MapOutcome;
import io.atoll.p2p.portmap.MapOutcome.Mapped;
import io.atoll.p2p.portmap.PortMapSettings;
import io.atoll.p2p.portmap.PortMapper;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/// The port at which packets of private networks come, at this node's gateway.
public final class MappedSocket {
  private MappedSocket() {}

  /// Asks in the background until it is closed; a node that listens on loopback alone asks nobody.
  ///
  /// @param outside hears where others reach the port, each time that this is different
  public static AutoCloseable start(
      NetworkHost host, int port, Consumer<List<InetSocketAddress>> outside) {
    if (!Places.listensOutside(host)) {
      return () -> {};
    }
    PortMapper mapper =
        PortMapper.start(
            List.of(new LocalPort(IpProtocol.UDP, port)),
            PortMapSettings.defaults(),
            (_, outcome) -> outside.accept(places(outcome)));
    return mapper;
  }

  private static List<InetSocketAddress> places(MapOutcome outcome) {
    return outcome instanceof Mapped mapped ? List.of(mapped.external()) : List.of();
  }
}
