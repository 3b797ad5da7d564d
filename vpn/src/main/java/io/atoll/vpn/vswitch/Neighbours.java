package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Answers of neighbour discovery (RFC 4861): whoever is in the network is reached through the
/// switch's card, and a router tells how addresses are given (by DHCPv6) and names are found.
final class Neighbours {
  private static final int ROUTER_SOLICITATION = 133;
  private static final int ROUTER_ADVERTISEMENT = 134;
  private static final int NEIGHBOUR_SOLICITATION = 135;
  private static final int NEIGHBOUR_ADVERTISEMENT = 136;
  private static final int SOLICITATION_BYTES = 24;
  private static final int HOPS = 255;
  private static final int ROUTER_FLAG = 0x8000_0000;
  private static final int OVERRIDE = 0x2000_0000;
  private static final int SOLICITED_AND_OVERRIDE = 0x6000_0000;
  private static final int OPTION_TARGET_CARD = 2;
  private static final int OPTION_OWN_CARD = 1;
  private static final int OPTION_PREFIX = 3;
  private static final int OPTION_MTU = 5;
  private static final int OPTION_DNS = 25;
  private static final int OPTION_SEARCH = 31;
  private static final int MANAGED_AND_OTHER = 0xc0;
  private static final int ON_LINK = 0x80;
  private static final short ROUTER_SECONDS = 1800;
  private static final int PREFIX_SECONDS = 86_400;
  private static final IpAddress UNSPECIFIED = IpAddress.parse("::");
  private static final IpAddress ALL_NODES = IpAddress.parse("ff02::1");

  private Neighbours() {}

  /// @param there whether somebody has an address
  /// @return the answer, a packet of IPv6; null if there is none to give
  static byte @Nullable [] answer(Guest guest, Received in, Predicate<IpAddress> there) {
    if (in.protocol() != Packets.ICMP6 || (in.packet()[7] & 0xff) != HOPS) {
      return null;
    }
    return switch (in.icmpType()) {
      case NEIGHBOUR_SOLICITATION -> neighbour(guest, in, there);
      case ROUTER_SOLICITATION -> router(guest, in.source());
      default -> null;
    };
  }

  private static byte @Nullable [] neighbour(Guest guest, Received in, Predicate<IpAddress> there) {
    if (in.carried().length < SOLICITATION_BYTES) {
      return null;
    }
    IpAddress wanted = IpAddress.of(Arrays.copyOfRange(in.carried(), 8, SOLICITATION_BYTES));
    if (wanted.equals(guest.member().v6())
        || !(wanted.equals(Guest.ROUTER) || there.test(wanted))) {
      return null;
    }
    // Who asks from no address looks whether another has the one it wants (RFC 4862 §5.4).
    boolean probe = in.source().equals(UNSPECIFIED);
    int flags = (probe ? OVERRIDE : SOLICITED_AND_OVERRIDE) | ROUTER_FLAG;
    ByteBuffer body = ByteBuffer.allocate(28).putInt(flags).put(wanted.bytes());
    body.put((byte) OPTION_TARGET_CARD).put((byte) 1);
    guest.router().write(body);
    return Packets.icmp(
        wanted, probe ? ALL_NODES : in.source(), NEIGHBOUR_ADVERTISEMENT, 0, body.array());
  }

  /// Says unasked that an address is reached through the switch (RFC 4861 §7.2.6).
  static byte[] announcement(Guest guest, IpAddress address) {
    ByteBuffer body = ByteBuffer.allocate(28).putInt(ROUTER_FLAG | OVERRIDE).put(address.bytes());
    body.put((byte) OPTION_TARGET_CARD).put((byte) 1);
    guest.router().write(body);
    return Packets.icmp(address, ALL_NODES, NEIGHBOUR_ADVERTISEMENT, 0, body.array());
  }

  /// What the router says of itself; also unasked.
  static byte[] router(Guest guest, IpAddress asker) {
    ByteBuffer body = ByteBuffer.allocate(12 + 8 + 8 + 32 + 24);
    body.put((byte) 64).put((byte) MANAGED_AND_OTHER);
    body.putShort(guest.leaves() ? ROUTER_SECONDS : 0).putInt(0).putInt(0);
    body.put((byte) OPTION_OWN_CARD).put((byte) 1);
    guest.router().write(body);
    body.put((byte) OPTION_MTU).put((byte) 1).putShort((short) 0).putInt(guest.mtu());
    body.put((byte) OPTION_PREFIX).put((byte) 4).put((byte) guest.network().v6().bits());
    body.put((byte) ON_LINK).putInt(PREFIX_SECONDS).putInt(PREFIX_SECONDS).putInt(0);
    body.put(guest.network().v6().base().bytes());
    body.put((byte) OPTION_DNS).put((byte) 3).putShort((short) 0).putInt(PREFIX_SECONDS);
    body.put(guest.network().gateway6().bytes());
    byte[] search = search(guest.domain());
    byte[] all =
        ByteBuffer.allocate(body.capacity() + search.length).put(body.array()).put(search).array();
    return Packets.icmp(
        Guest.ROUTER, asker.equals(UNSPECIFIED) ? ALL_NODES : asker, ROUTER_ADVERTISEMENT, 0, all);
  }

  /// The option with the domain to search (RFC 8106 §5.2).
  private static byte[] search(String domain) {
    byte[] name = dnsName(domain);
    int units = (8 + name.length + 7) / 8;
    ByteBuffer option = ByteBuffer.allocate(8 * units);
    option.put((byte) OPTION_SEARCH).put((byte) units).putShort((short) 0);
    return option.putInt(PREFIX_SECONDS).put(name).array();
  }

  /// A name as DNS writes it (RFC 1035 §3.1).
  static byte[] dnsName(String name) {
    var bytes = new ByteArrayOutputStream();
    for (String label : name.split("\\.", -1)) {
      bytes.write(label.length());
      bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    bytes.write(0);
    return bytes.toByteArray();
  }
}
