package io.atoll.vpn.port;

import java.util.Set;

/// A port whose other side takes work over. What it has may become less while it runs, since some
/// kernels promise more than they do.
public interface Offloading {
  /// What may be left to the other side by whoever sends.
  Set<Offload> offloads();
}
