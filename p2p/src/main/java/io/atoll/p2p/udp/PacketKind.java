package io.atoll.p2p.udp;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who a packet is for.
public enum PacketKind {
  WIREGUARD,

  /// Asks by which way a node can be reached, and answers.
  PATH,

  /// To a node that passes packets on: what it carries is for another.
  RELAY,

  /// From such a node.
  RELAYED,
  STUN,
  QUIC;

  private static final int STUN_HEADER = 20;
  private static final int STUN_COOKIE = 0x2112A442;
  private static final int QUIC_FIXED_BIT = 0x40;
  private static final int INITIATION = 148;
  private static final int RESPONSE = 92;
  private static final int COOKIE = 64;
  private static final int TRANSPORT_HEADER = 32;

  /// What packets of our own begin with, and then their type: neither QUIC's fixed bit, nor the two
  /// zero bits of STUN, nor a type of WireGuard.
  public static final int OWN = 0x8a417400;

  private static final int OWN_FIRST = OWN >>> 24;
  private static final int OWN_MASK = 0xffffff00;
  private static final int OWN_HEADER = 8;
  private static final int PATH_TYPES = 16;
  private static final int RELAY_TYPES = 24;
  private static final int RELAYED_TYPES = 32;

  /// Looks at a packet without moving its position; empty for what is nobody's.
  public static Optional<PacketKind> of(ByteBuffer packet) {
    return Optional.ofNullable(read(packet));
  }

  /// As [#of], and without an object for the answer.
  public static @Nullable PacketKind read(ByteBuffer packet) {
    int length = packet.remaining();
    if (length == 0) {
      return null;
    }
    int at = packet.position();
    int first = packet.get(at) & 0xff;
    if ((first & QUIC_FIXED_BIT) != 0) {
      return QUIC;
    }
    if (first == OWN_FIRST) {
      return own(packet, at, length);
    }
    if (isWireGuard(packet, at, first, length)) {
      return WIREGUARD;
    }
    return isStun(packet, at, first, length) ? STUN : null;
  }

  private static @Nullable PacketKind own(ByteBuffer packet, int at, int length) {
    if (length < OWN_HEADER) {
      return null;
    }
    int start =
        ((packet.get(at) & 0xff) << 24)
            | ((packet.get(at + 1) & 0xff) << 16)
            | ((packet.get(at + 2) & 0xff) << 8)
            | (packet.get(at + 3) & 0xff);
    int type = start & ~OWN_MASK;
    if ((start & OWN_MASK) != OWN || type >= RELAYED_TYPES) {
      return null;
    }
    return type < PATH_TYPES ? PATH : type < RELAY_TYPES ? RELAY : RELAYED;
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
