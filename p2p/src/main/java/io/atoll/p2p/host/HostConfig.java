package io.atoll.p2p.host;

import io.atoll.core.identity.Identity;
import io.atoll.p2p.muxer.yamux.YamuxConfig;
import io.atoll.p2p.swarm.AddressFilter;
import io.atoll.p2p.swarm.Gater;
import io.atoll.p2p.swarm.ResourceLimits;
import io.atoll.p2p.swarm.Watermarks;
import io.atoll.p2p.transport.HandshakeLimits;
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
/// @param limits what connections and streams may hold
/// @param watermarks how many connections are kept where more come
/// @param stack what its connections are made of
/// @param addresses which of them are dialled, and told to others
public record HostConfig(
    Identity identity,
    List<String> listen,
    Gater gater,
    String agent,
    YamuxConfig yamux,
    HandshakeLimits handshakes,
    ResourceLimits limits,
    Watermarks watermarks,
    Stack stack,
    AddressFilter addresses) {

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
        ResourceLimits.defaults(),
        Watermarks.defaults(),
        Stack.standard(),
        AddressFilter.none());
  }

  public HostConfig withGater(Gater other) {
    return new HostConfig(
        identity, listen, other, agent, yamux, handshakes, limits, watermarks, stack, addresses);
  }

  public HostConfig withAgent(String other) {
    return new HostConfig(
        identity, listen, gater, other, yamux, handshakes, limits, watermarks, stack, addresses);
  }

  public HostConfig withYamux(YamuxConfig other) {
    return new HostConfig(
        identity, listen, gater, agent, other, handshakes, limits, watermarks, stack, addresses);
  }

  /// A peer that is silent for `interval` is asked for a sign of life, and lost after `timeout`.
  public HostConfig withKeepAlive(Duration interval, Duration timeout) {
    return withYamux(yamux.withKeepAlive(interval, timeout));
  }

  /// @param connections that others may have dialled
  public HostConfig withMaxInbound(int connections) {
    return withLimits(limits.withSystem(limits.system().withInbound(connections)));
  }

  public HostConfig withLimits(ResourceLimits other) {
    return new HostConfig(
        identity, listen, gater, agent, yamux, handshakes, other, watermarks, stack, addresses);
  }

  public HostConfig withWatermarks(Watermarks other) {
    return new HostConfig(
        identity, listen, gater, agent, yamux, handshakes, limits, other, stack, addresses);
  }

  public HostConfig withStack(Stack other) {
    return new HostConfig(
        identity, listen, gater, agent, yamux, handshakes, limits, watermarks, other, addresses);
  }

  public HostConfig withHandshakes(HandshakeLimits other) {
    return new HostConfig(
        identity, listen, gater, agent, yamux, other, limits, watermarks, stack, addresses);
  }

  public HostConfig withAddresses(AddressFilter other) {
    return new HostConfig(
        identity, listen, gater, agent, yamux, handshakes, limits, watermarks, stack, other);
  }
}
