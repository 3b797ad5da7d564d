package io.atoll.vpn.gateway;

import io.atoll.core.term.IpAddress;

/// What tells one flow of a stack from another of the same protocol.
record Flow(IpAddress remote, int remotePort, int localPort) {
  @Override
  public int hashCode() {
    long mixed = (remote.high() * 31 + remote.low()) * 31 + ((long) remotePort << 16 | localPort);
    mixed *= 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }

  @Override
  public String toString() {
    return (remote.isV4() ? remote.toString() : "[" + remote + "]") + ":" + remotePort;
  }
}
