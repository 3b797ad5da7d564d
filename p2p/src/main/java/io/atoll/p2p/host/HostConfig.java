package io.atoll.p2p.host;

import io.atoll.core.identity.Identity;
import io.atoll.p2p.muxer.yamux.YamuxConfig;
import io.atoll.p2p.swarm.Gater;
import io.atoll.p2p.transport.tcp.HandshakeLimits;
import java.time.Duration;
import java.util.List;

/// What a host is started with.
///
/// @param listen multiaddrs such as `/ip4/0.0.0.0/tcp/7464`, the same with `/ws` at its end, or
///     `/ip4/0.0.0.0/udp/7464/quic-v1`; port 0 = any; none = only dials
/// @param gater who may stay connected
/// @param agent the program's name and version, shown to every peer
/// @param yamux streams, windows, and how soon a silent peer counts as lost
/// @param handshakes what strangers may cost
/// @param maxInbound connections that others may have dialled
/// @param stack what its connections are made of
public record HostConfig(
    Identity identity,
    List<String> listen,
    Gater gater,
    String agent,
    YamuxConfig yamux,
    HandshakeLimits handshakes,
    int maxInbound,
    Stack stack) {

  public HostConfig {
    listen = List.copyOf(listen);
  }

  /// Everybody may connect, with the default limits.
  public static HostConfig of(Identity identity, List<String> listen) {
    return new HostConfig(
        identity,
        listen,
        Gater.everybody(),
        "atoll",
        YamuxConfig.defaults(),
        HandshakeLimits.defaults(),
        512,
        Stack.standard());
  }

  public HostConfig withGater(Gater other) {
    return new HostConfig(identity, listen, other, agent, yamux, handshakes, maxInbound, stack);
  }

  public HostConfig withAgent(String other) {
    return new HostConfig(identity, listen, gater, other, yamux, handshakes, maxInbound, stack);
  }

  public HostConfig withYamux(YamuxConfig other) {
    return new HostConfig(identity, listen, gater, agent, other, handshakes, maxInbound, stack);
  }

  /// A peer that is silent for `interval` is asked for a sign of life, and lost after `timeout`.
  public HostConfig withKeepAlive(Duration interval, Duration timeout) {
    return withYamux(yamux.withKeepAlive(interval, timeout));
  }

  public HostConfig withMaxInbound(int connections) {
    return new HostConfig(identity, listen, gater, agent, yamux, handshakes, connections, stack);
  }

  public HostConfig withStack(Stack other) {
    return new HostConfig(identity, listen, gater, agent, yamux, handshakes, maxInbound, other);
  }
}
