package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// DHCPv6 for the one guest of a port (RFC 8415): its first request for an address gets the
/// member's, and nothing is remembered of what was given.
final class Dhcp6 {
  static final int SERVER_PORT = 547;
  static final int CLIENT_PORT = 546;

  private static final int SOLICIT = 1;
  private static final int ADVERTISE = 2;
  private static final int REQUEST = 3;
  private static final int CONFIRM = 4;
  private static final int RENEW = 5;
  private static final int REBIND = 6;
  private static final int REPLY = 7;
  private static final int RELEASE = 8;
  private static final int DECLINE = 9;
  private static final int INFORMATION = 11;

  private static final int OPTION_CLIENT = 1;
  private static final int OPTION_SERVER = 2;
  private static final int OPTION_ADDRESSES = 3;
  private static final int OPTION_ADDRESS = 5;
  private static final int OPTION_STATUS = 13;
  private static final int OPTION_RAPID = 14;
  private static final int OPTION_DNS = 23;
  private static final int OPTION_SEARCH = 24;

  private static final int HEADER = 4;
  private static final int MOST_TAKEN_BACK = 8;

  private Dhcp6() {}

  /// @param message what came to the server's port
  /// @return the answer to it; null if there is none to give
  static byte @Nullable [] answer(Guest guest, byte[] message) {
    if (message.length < HEADER) {
      return null;
    }
    byte @Nullable [] client = null;
    byte @Nullable [] wanted = null;
    boolean rapid = false;
    byte[] server = server(guest);
    int end = message.length;
    for (int at = HEADER; at + 4 <= end; ) {
      int code = number(message, at);
      int length = number(message, at + 2);
      if (at + 4 + length > end) {
        return null;
      }
      byte[] value = Arrays.copyOfRange(message, at + 4, at + 4 + length);
      switch (code) {
        case OPTION_CLIENT -> client = value;
        case OPTION_SERVER -> {
          if (!Arrays.equals(value, server)) {
            return null; // meant for another
          }
        }
        case OPTION_ADDRESSES -> wanted = wanted == null && length >= 12 ? value : wanted;
        case OPTION_RAPID -> rapid = true;
        default -> {}
      }
      at += 4 + length;
    }
    int type = message[0];
    if (client == null && type != INFORMATION) {
      return null;
    }
    var out = new ByteArrayOutputStream();
    switch (type) {
      case SOLICIT -> out.write(rapid ? REPLY : ADVERTISE);
      case REQUEST, RENEW, REBIND, CONFIRM, RELEASE, DECLINE, INFORMATION -> out.write(REPLY);
      default -> {
        return null;
      }
    }
    out.write(message, 1, 3);
    if (client != null) {
      option(out, OPTION_CLIENT, client);
    }
    option(out, OPTION_SERVER, server);
    switch (type) {
      case SOLICIT, REQUEST, RENEW, REBIND -> {
        if (rapid && type == SOLICIT) {
          option(out, OPTION_RAPID, new byte[0]);
        }
        if (wanted != null) {
          option(out, OPTION_ADDRESSES, lease(guest, wanted));
        }
      }
      default -> option(out, OPTION_STATUS, new byte[2]);
    }
    option(out, OPTION_DNS, guest.network().gateway6().bytes());
    option(out, OPTION_SEARCH, Neighbours.dnsName(guest.domain()));
    return out.toByteArray();
  }

  /// The member's address, for as long as the other family's (RFC 8415 §21.4, §21.6); one that the
  /// guest still has and that is not the member's any more is taken back (§18.3.4).
  private static byte[] lease(Guest guest, byte[] wanted) {
    IpAddress own = guest.member().v6();
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(12)
            .put(wanted, 0, 4)
            .putInt(Dhcp.RENEW_SECONDS)
            .putInt(Dhcp.REBIND_SECONDS)
            .array());
    option(out, OPTION_ADDRESS, address(own, Dhcp.LEASE_SECONDS));
    int taken = 0;
    for (int at = 12; at + 4 <= wanted.length && taken < MOST_TAKEN_BACK; ) {
      int length = number(wanted, at + 2);
      if (at + 4 + length > wanted.length) {
        break;
      }
      if (number(wanted, at) == OPTION_ADDRESS && length >= 24) {
        IpAddress has = IpAddress.of(Arrays.copyOfRange(wanted, at + 4, at + 20));
        if (!has.equals(own)) {
          option(out, OPTION_ADDRESS, address(has, 0));
          taken++;
        }
      }
      at += 4 + length;
    }
    return out.toByteArray();
  }

  private static byte[] address(IpAddress address, int seconds) {
    ByteBuffer out = ByteBuffer.allocate(24);
    out.putLong(address.high()).putLong(address.low());
    return out.putInt(seconds).putInt(seconds).array();
  }

  /// The name of this server: its card (DUID-LL, RFC 8415 §11.4).
  private static byte[] server(Guest guest) {
    ByteBuffer name = ByteBuffer.allocate(10).putShort((short) 3).putShort((short) 1);
    guest.router().write(name);
    return name.array();
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  private static void option(ByteArrayOutputStream out, int code, byte[] value) {
    out.write(code >>> 8);
    out.write(code);
    out.write(value.length >>> 8);
    out.write(value.length);
    out.writeBytes(value);
  }
}
