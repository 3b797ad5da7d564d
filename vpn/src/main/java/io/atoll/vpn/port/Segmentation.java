package io.atoll.vpn.port;

import org.jspecify.annotations.Nullable;

/// What an entry is to be cut into.
public enum Segmentation {
  /// It is one packet.
  NONE(0, 0, 0, null),
  TCP4(1, 4, 6, Offload.TSO4),
  TCP6(4, 6, 6, Offload.TSO6),
  UDP4(5, 4, 17, Offload.USO4),
  UDP6(5, 6, 17, Offload.USO6);

  /// Of `virtio_net_hdr`: the sender of TCP has seen congestion.
  private static final int ECN = 0x80;

  private final int wire;
  private final int version;
  private final int protocol;
  private final @Nullable Offload offload;

  Segmentation(int wire, int version, int protocol, @Nullable Offload offload) {
    this.wire = wire;
    this.version = version;
    this.protocol = protocol;
    this.offload = offload;
  }

  /// As `virtio_net_hdr` writes it.
  int wire() {
    return wire;
  }

  /// Of IP; 0 where it is not to be cut.
  int version() {
    return version;
  }

  /// The number of TCP or UDP.
  int protocol() {
    return protocol;
  }

  boolean tcp() {
    return protocol == 6;
  }

  /// What the other side needs to take it whole.
  @Nullable Offload offload() {
    return offload;
  }

  static Segmentation of(int version, boolean tcp) {
    if (version == 4) {
      return tcp ? TCP4 : UDP4;
    }
    return tcp ? TCP6 : UDP6;
  }

  /// @param version of the packet behind it
  /// @return null if it is none that we know, or does not go with the packet
  static @Nullable Segmentation read(int wire, int version) {
    return switch (wire & ~ECN) {
      case 0 -> NONE;
      case 1 -> version == 4 ? TCP4 : null;
      case 4 -> version == 6 ? TCP6 : null;
      case 5 -> version == 4 ? UDP4 : version == 6 ? UDP6 : null;
      default -> null;
    };
  }
}
