package io.atoll.p2p.udp;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who a packet is for.
public enum PacketKind {
  WIREGUARD,
  STUN,
  QUIC;

  private static final int STUN_HEADER = 20;
  private static final int STUN_COOKIE = 0x2112A442;
  private static final int QUIC_FIXED_BIT = 0x40;
  private static final int INITIATION = 148;
  private static final int RESPONSE = 92;
  private static final int COOKIE = 64;
  private static final int TRANSPORT_HEADER = 32;

  /// Looks at a packet without moving its position; empty for what is nobody's.
  public static Optional<PacketKind> of(ByteBuffer packet) {
    return Optional.ofNullable(read(packet));
  }

  /// As [#of], and without an object for the answer.
  static @Nullable PacketKind read(ByteBuffer packet) {
    int length = packet.remaining();
    if (length == 0) {
      return null;
    }
    int at = packet.position();
    int first = packet.get(at) & 0xff;
    if ((first & QUIC_FIXED_BIT) != 0) {
      return QUIC;
    }
    if (isWireGuard(packet, at, first, length)) {
      return WIREGUARD;
    }
    return isStun(packet, at, first, length) ? STUN : null;
  }

  private static boolean isWireGuard(ByteBuffer packet, int at, int first, int length) {
    if (length < COOKIE / 2
        || packet.get(at + 1) != 0
        || packet.get(at + 2) != 0
        || packet.get(at + 3) != 0) {
      return false;
    }
    return switch (first) {
      case 1 -> length == INITIATION;
      case 2 -> length == RESPONSE;
      case 3 -> length == COOKIE;
      // Padded to 16, but never over the tunnel's MTU, which may be any number: any length fits.
      case 4 -> length >= TRANSPORT_HEADER;
      default -> false;
    };
  }

  private static boolean isStun(ByteBuffer packet, int at, int first, int length) {
    if ((first & 0xc0) != 0 || length < STUN_HEADER) {
      return false;
    }
    int body = ((packet.get(at + 2) & 0xff) << 8) | (packet.get(at + 3) & 0xff);
    int cookie =
        ((packet.get(at + 4) & 0xff) << 24)
            | ((packet.get(at + 5) & 0xff) << 16)
            | ((packet.get(at + 6) & 0xff) << 8)
            | (packet.get(at + 7) & 0xff);
    return cookie == STUN_COOKIE && body % 4 == 0 && length == STUN_HEADER + body;
  }
}
