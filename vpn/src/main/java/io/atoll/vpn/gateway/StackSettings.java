package io.atoll.vpn.gateway;

import io.atoll.vpn.gateway.tcp.TcpSettings;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.time.Duration;

/// What a stack is in its network, and how much it may take.
///
/// @param v4 its address; packets to others are dropped
/// @param v6 its other address
/// @param mtu of the network, at least 1280
/// @param connections of TCP at once, and as many flows of UDP
/// @param memory bytes that all rings may take together
/// @param udpIdle how long a flow of UDP lives with nothing in it
/// @param tcp how connections behave; `mss` and `leastMss` are set for each family
public record StackSettings(
    Inet4Address v4,
    Inet6Address v6,
    int mtu,
    int connections,
    long memory,
    Duration udpIdle,
    TcpSettings tcp) {
  static final int LEAST_MTU = 1280;
  private static final long LEAST_MEMORY = 64L << 20;
  private static final long MOST_MEMORY = 256L << 20;
  private static final int TCP_BYTES = 20;
  private static final int V4_LEAST_MSS = 536;

  public StackSettings {
    if (mtu < LEAST_MTU || mtu > 65_535 || connections < 1 || memory < 1) {
      throw new IllegalArgumentException(
          "a network's MTU is 1280 to 65535, and there is room for something: mtu " + mtu);
    }
  }

  public static StackSettings usual(Inet4Address v4, Inet6Address v6, int mtu) {
    return new StackSettings(
        v4,
        v6,
        mtu,
        2048,
        Math.clamp(Runtime.getRuntime().maxMemory() / 8, LEAST_MEMORY, MOST_MEMORY),
        Duration.ofMinutes(5),
        TcpSettings.usual(1220, 536));
  }

  public StackSettings with(TcpSettings newTcp) {
    return new StackSettings(v4, v6, mtu, connections, memory, udpIdle, newTcp);
  }

  public StackSettings withConnections(int most, long bytes) {
    return new StackSettings(v4, v6, mtu, most, bytes, udpIdle, tcp);
  }

  public StackSettings withUdpIdle(Duration newIdle) {
    return new StackSettings(v4, v6, mtu, connections, memory, newIdle, tcp);
  }

  TcpSettings tcp(boolean forV4) {
    return forV4
        ? tcp.withMss(mtu - PacketReader.V4_BYTES - TCP_BYTES, V4_LEAST_MSS)
        : tcp.withMss(
            mtu - PacketReader.V6_BYTES - TCP_BYTES, LEAST_MTU - PacketReader.V6_BYTES - TCP_BYTES);
  }
}
