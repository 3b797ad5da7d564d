package io.atoll.vpn.port;

import io.atoll.core.os.TunDevice;
import java.util.Set;

/// Work on packets that one side may leave to the other.
public enum Offload {
  /// The sums of TCP and UDP.
  CHECKSUM(TunDevice.CHECKSUM),
  /// Cutting TCP over IPv4, and over IPv6.
  TSO4(TunDevice.TSO4),
  TSO6(TunDevice.TSO6),
  /// Cutting UDP over IPv4, and over IPv6. Kernels before 6.2 do not know it.
  USO4(TunDevice.USO4),
  USO6(TunDevice.USO6);

  private final int flag;

  Offload(int flag) {
    this.flag = flag;
  }

  /// As a TUN device names a set of them.
  static int flags(Set<Offload> offloads) {
    int flags = 0;
    for (Offload offload : offloads) {
      flags |= offload.flag;
    }
    return flags;
  }
}
