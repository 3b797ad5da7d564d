package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// DHCP for the one guest of a port (RFC 2131): it always gets the member's address, and nothing is
/// remembered of what was given.
final class Dhcp {
  static final int SERVER_PORT = 67;
  static final int CLIENT_PORT = 68;

  /// For so long a guest goes on without a switch that answers, as while the daemon is restarted.
  static final int LEASE_SECONDS = 600;

  /// A guest asks again after this, so that it follows when its address has changed. One that does
  /// not heed it asks at half of the lease.
  static final int RENEW_SECONDS = 30;

  /// Then it asks anybody.
  static final int REBIND_SECONDS = 300;

  private static final int FIXED = 236;
  private static final int COOKIE = 0x63825363;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;
  private static final int ETHERNET = 1;
  private static final int BROADCAST_FLAG = 0x8000;
  private static final int LEAST = 300;

  private static final int OPTION_MASK = 1;
  private static final int OPTION_ROUTER = 3;
  private static final int OPTION_DNS = 6;
  private static final int OPTION_HOST = 12;
  private static final int OPTION_DOMAIN = 15;
  private static final int OPTION_MTU = 26;
  private static final int OPTION_WANTED = 50;
  private static final int OPTION_LEASE = 51;
  private static final int OPTION_TYPE = 53;
  private static final int OPTION_SERVER = 54;
  private static final int OPTION_RENEW = 58;
  private static final int OPTION_REBIND = 59;
  private static final int OPTION_END = 255;

  private static final int DISCOVER = 1;
  private static final int OFFER = 2;
  private static final int ASKED = 3;
  private static final int ACK = 5;
  private static final int NAK = 6;
  private static final int INFORM = 8;

  private static final IpAddress EVERYBODY = IpAddress.v4(-1);

  private Dhcp() {}

  /// @param message what came to the server's port
  /// @return the answer, a packet of IPv4 for the guest; null if there is none to give
  static byte @Nullable [] answer(Guest guest, byte[] message) {
    if (message.length < FIXED + 4) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(message);
    if (in.get(0) != REQUEST
        || in.get(1) != ETHERNET
        || in.get(2) != MacAddress.BYTES
        || in.getInt(FIXED) != COOKIE
        || !MacAddress.read(in.position(28)).equals(guest.card())) {
      return null;
    }
    Map<Integer, byte[]> options = options(message);
    byte[] type = options.getOrDefault(OPTION_TYPE, new byte[] {0});
    IpAddress server = guest.network().gateway4();
    byte[] chosen = options.get(OPTION_SERVER);
    if (chosen != null && !Arrays.equals(chosen, server.bytes())) {
      return null; // it has chosen another server
    }
    return switch (type.length == 1 ? type[0] : 0) {
      case DISCOVER -> reply(guest, in, OFFER, true);
      case ASKED -> reply(guest, in, asksForItsOwn(guest, in, options) ? ACK : NAK, true);
      case INFORM -> reply(guest, in, ACK, false);
      default -> null;
    };
  }

  private static boolean asksForItsOwn(Guest guest, ByteBuffer in, Map<Integer, byte[]> options) {
    byte[] wanted = options.get(OPTION_WANTED);
    byte[] own = guest.member().v4().bytes();
    return wanted != null
        ? Arrays.equals(wanted, own)
        : in.getInt(12) == guest.member().v4().v4Bits();
  }

  /// The last of each; what does not fit is left out.
  private static Map<Integer, byte[]> options(byte[] message) {
    Map<Integer, byte[]> options = new HashMap<>();
    int at = FIXED + 4;
    while (at < message.length && (message[at] & 0xff) != OPTION_END) {
      if (message[at] == 0) {
        at++;
        continue;
      }
      if (at + 1 >= message.length || at + 2 + (message[at + 1] & 0xff) > message.length) {
        break;
      }
      int length = message[at + 1] & 0xff;
      options.put(message[at] & 0xff, Arrays.copyOfRange(message, at + 2, at + 2 + length));
      at += 2 + length;
    }
    return options;
  }

  private static byte[] reply(Guest guest, ByteBuffer in, int type, boolean leased) {
    IpAddress own = guest.member().v4();
    IpAddress server = guest.network().gateway4();
    ByteBuffer out = ByteBuffer.allocate(1024);
    out.put((byte) REPLY).put((byte) ETHERNET).put((byte) MacAddress.BYTES).put((byte) 0);
    out.putInt(in.getInt(4)).putShort((short) 0).putShort(in.getShort(10));
    out.putInt(type == NAK ? 0 : in.getInt(12));
    out.putInt(type == NAK || !leased ? 0 : own.v4Bits());
    out.putInt(server.v4Bits()).putInt(0);
    guest.card().write(out);
    out.position(FIXED).putInt(COOKIE);
    option(out, OPTION_TYPE, new byte[] {(byte) type});
    option(out, OPTION_SERVER, server.bytes());
    if (type != NAK) {
      if (leased) {
        option(out, OPTION_LEASE, number(LEASE_SECONDS));
        option(out, OPTION_RENEW, number(RENEW_SECONDS));
        option(out, OPTION_REBIND, number(REBIND_SECONDS));
      }
      int mask = (int) (-1L << (32 - guest.network().v4().bits()));
      option(out, OPTION_MASK, number(mask));
      option(out, OPTION_DNS, server.bytes());
      option(out, OPTION_DOMAIN, guest.domain().getBytes(StandardCharsets.US_ASCII));
      option(out, OPTION_HOST, guest.member().name().getBytes(StandardCharsets.US_ASCII));
      option(out, OPTION_MTU, ByteBuffer.allocate(2).putShort((short) guest.mtu()).array());
      if (guest.leaves()) {
        option(out, OPTION_ROUTER, server.bytes());
      }
    }
    out.put((byte) OPTION_END);
    byte[] message = Arrays.copyOf(out.array(), Math.max(LEAST, out.position()));
    return Packets.udp(server, SERVER_PORT, to(in, own, type), CLIENT_PORT, message);
  }

  /// Where the answer goes (RFC 2131 §4.1).
  private static IpAddress to(ByteBuffer in, IpAddress own, int type) {
    boolean broadcast = (in.getShort(10) & BROADCAST_FLAG) != 0;
    int has = in.getInt(12);
    if (type == NAK || (has == 0 && broadcast)) {
      return EVERYBODY;
    }
    return has == 0 ? own : IpAddress.v4(has);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static void option(ByteBuffer out, int code, byte[] value) {
    out.put((byte) code).put((byte) value.length).put(value);
  }
}
