package io.atoll.p2p.gossip.machine;

import java.util.List;

/// What a peer speaks; the newest first.
public enum Version {
  V1_2("/meshsub/1.2.0"),
  V1_1("/meshsub/1.1.0"),
  V1_0("/meshsub/1.0.0"),
  FLOODSUB("/floodsub/1.0.0");

  private final String protocol;

  Version(String protocol) {
    this.protocol = protocol;
  }

  public String protocol() {
    return protocol;
  }

  /// Whether such a peer can be in a mesh.
  boolean meshes() {
    return this != FLOODSUB;
  }

  public static List<Version> newestFirst() {
    return List.of(values());
  }
}
