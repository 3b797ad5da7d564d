package io.atoll.p2p.swarm;

/// The limits of each kind of scope.
///
/// @param system everything
/// @param peer all connections to one peer
/// @param connection one connection
/// @param stream one stream
/// @param inboundPerHost connections that may come from one IP address, whoever they say they are:
///     identities cost nothing, addresses do
public record ResourceLimits(
    ScopeLimit system,
    ScopeLimit peer,
    ScopeLimit connection,
    ScopeLimit stream,
    int inboundPerHost) {
  private static final long MIB = 1 << 20;

  public static ResourceLimits defaults() {
    return new ResourceLimits(
        new ScopeLimit(512, 512, 1024, 8192, 8192, 16384, 256 * MIB),
        new ScopeLimit(8, 8, 8, 1024, 1024, 2048, 64 * MIB),
        new ScopeLimit(1, 1, 1, 1024, 1024, 2048, 32 * MIB),
        new ScopeLimit(0, 0, 0, 1, 1, 1, 16 * MIB),
        256);
  }

  public ResourceLimits withSystem(ScopeLimit other) {
    return new ResourceLimits(other, peer, connection, stream, inboundPerHost);
  }

  public ResourceLimits withPeer(ScopeLimit other) {
    return new ResourceLimits(system, other, connection, stream, inboundPerHost);
  }

  public ResourceLimits withConnection(ScopeLimit other) {
    return new ResourceLimits(system, peer, other, stream, inboundPerHost);
  }

  public ResourceLimits withInboundPerHost(int connections) {
    return new ResourceLimits(system, peer, connection, stream, connections);
  }
}
