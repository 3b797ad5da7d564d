package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Network;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the switch tells a sender of a packet that it does not pass on, so that it need not wait
/// for a time-out; and its answers to echo requests.
final class Icmp {
  private static final int ECHO_REPLY_4 = 0;
  private static final int UNREACHABLE_4 = 3;
  private static final int ECHO_4 = 8;
  private static final int UNREACHABLE_6 = 1;
  private static final int ECHO_6 = 128;
  private static final int ECHO_REPLY_6 = 129;

  /// As much of a packet as comes back with the message: RFC 1812 §4.3.2.3, RFC 4443 §3.1.
  private static final int QUOTED_4 = 548;

  private static final int QUOTED_6 = 1232;

  /// Why a packet was not passed on.
  enum Unreachable {
    /// Nobody has the address.
    HOST(1, 3),

    /// It leads out of the network, or a rule forbids it.
    FORBIDDEN(13, 1);

    private final int code4;
    private final int code6;

    Unreachable(int code4, int code6) {
      this.code4 = code4;
      this.code6 = code6;
    }
  }

  private Icmp() {}

  /// @return null unless it is an echo request
  static byte @Nullable [] echo(Received in) {
    boolean four = in.protocol() == Packets.ICMP;
    if (in.icmpType() != (four ? ECHO_4 : ECHO_6)) {
      return null;
    }
    return Packets.icmp(
        in.destination(),
        in.source(),
        four ? ECHO_REPLY_4 : ECHO_REPLY_6,
        0,
        Arrays.copyOfRange(in.carried(), 4, in.carried().length));
  }

  /// @param packet of IP, its header is sound
  /// @return null for a packet that no message may answer (RFC 1122 §3.2.2)
  static byte @Nullable [] unreachable(Network network, byte[] packet, Unreachable why) {
    return isFour(packet)
        ? message(network, packet, UNREACHABLE_4, why.code4)
        : message(network, packet, UNREACHABLE_6, why.code6);
  }

  private static boolean isFour(byte[] packet) {
    return (packet[0] & 0xf0) == 0x40;
  }

  private static byte @Nullable [] message(Network network, byte[] packet, int type, int code) {
    boolean four = isFour(packet);
    IpAddress source = IpAddress.of(Arrays.copyOfRange(packet, four ? 12 : 8, four ? 16 : 24));
    IpAddress aim = IpAddress.of(Arrays.copyOfRange(packet, four ? 16 : 24, four ? 20 : 40));
    if (aim.isMulticast() || aim.equals(network.v4().last()) || isError(packet, four)) {
      return null;
    }
    if (four && (ByteBuffer.wrap(packet).getShort(6) & 0x1fff) != 0) {
      return null; // not the first piece
    }
    byte[] quoted = Arrays.copyOf(packet, Math.min(packet.length, four ? QUOTED_4 : QUOTED_6));
    byte[] body = ByteBuffer.allocate(4 + quoted.length).putInt(0).put(quoted).array();
    return Packets.icmp(four ? network.gateway4() : network.gateway6(), source, type, code, body);
  }

  /// Whether a packet is itself a message of an error, to which none may be sent.
  private static boolean isError(byte[] packet, boolean four) {
    if (four) {
      int at = (packet[0] & 0xf) * 4;
      if (packet[9] != Packets.ICMP) {
        return false;
      }
      int type = at < packet.length ? packet[at] & 0xff : UNREACHABLE_4;
      return type != ECHO_4 && type != ECHO_REPLY_4;
    }
    return packet[6] == Packets.ICMP6
        && (packet.length <= Packets.V6_BYTES || packet[Packets.V6_BYTES] >= 0);
  }
}
