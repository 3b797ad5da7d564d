package io.atoll.vpn.vswitch;

import io.atoll.vpn.network.RouteTable;
import org.jspecify.annotations.Nullable;

/// What answers at the switch's own address in a network: echo requests and the name server.
public final class GatewayHost {
  private GatewayHost() {}

  /// @param packet of IP, for the gateway's address
  /// @return the answer, a packet of IP; null if there is none to give
  public static byte @Nullable [] answer(RouteTable table, byte[] packet) {
    Received in = Received.read(packet);
    return in == null ? null : answer(table, in);
  }

  static byte @Nullable [] answer(RouteTable table, Received in) {
    if (in.port() == NameServer.PORT) {
      byte[] said = NameServer.answer(table, in.payload());
      return said == null
          ? null
          : Packets.udp(in.destination(), NameServer.PORT, in.source(), in.sourcePort(), said);
    }
    return Icmp.echo(in);
  }
}
