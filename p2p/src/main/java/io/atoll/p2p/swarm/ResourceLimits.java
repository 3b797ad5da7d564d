package io.atoll.p2p.swarm;

/// The limits of each kind of scope.
///
/// @param system everything
/// @param peer all connections to one peer
/// @param connection one connection
/// @param stream one stream
public record ResourceLimits(
    ScopeLimit system, ScopeLimit peer, ScopeLimit connection, ScopeLimit stream) {
  private static final long MIB = 1 << 20;

  public static ResourceLimits defaults() {
    return new ResourceLimits(
        new ScopeLimit(512, 512, 1024, 8192, 8192, 16384, 256 * MIB),
        new ScopeLimit(8, 8, 8, 1024, 1024, 2048, 64 * MIB),
        new ScopeLimit(1, 1, 1, 1024, 1024, 2048, 32 * MIB),
        new ScopeLimit(0, 0, 0, 1, 1, 1, 16 * MIB));
  }

  public ResourceLimits withSystem(ScopeLimit other) {
    return new ResourceLimits(other, peer, connection, stream);
  }

  public ResourceLimits withPeer(ScopeLimit other) {
    return new ResourceLimits(system, other, connection, stream);
  }

  public ResourceLimits withConnection(ScopeLimit other) {
    return new ResourceLimits(system, peer, other, stream);
  }
}
