package io.atoll.vpn.gateway;

import io.atoll.core.term.IpAddress;
import org.jspecify.annotations.Nullable;

/// What tells one flow of a stack from another of the same protocol.
///
/// @param local the address that the other end believes to speak to; null for the stack's own
record Flow(IpAddress remote, int remotePort, @Nullable IpAddress local, int localPort) {
  Flow(IpAddress remote, int remotePort, int localPort) {
    this(remote, remotePort, null, localPort);
  }

  @Override
  public int hashCode() {
    long mixed = (remote.high() * 31 + remote.low()) * 31 + ((long) remotePort << 16 | localPort);
    if (local != null) {
      mixed = (mixed * 31 + local.high()) * 31 + local.low();
    }
    mixed *= 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }

  @Override
  public String toString() {
    return (remote.isV4() ? remote.toString() : "[" + remote + "]") + ":" + remotePort;
  }
}
