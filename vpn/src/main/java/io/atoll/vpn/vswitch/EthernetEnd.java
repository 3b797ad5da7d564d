package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.port.IpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where Ethernet ends: what becomes of the frames of one guest's card. It speaks for one member
/// from one card; frames of another card, and packets from another address, go nowhere.
public final class EthernetEnd {
  private static final IpAddress NONE_4 = IpAddress.v4(0);
  private static final IpAddress NONE_6 = new IpAddress(0, 0);
  private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::");
  private static final IpAddress ALL_AGENTS = IpAddress.parse("ff02::1:2");

  private static final ValueLayout.OfLong NETWORK_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt NETWORK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort NETWORK_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int IGMP = 2;

  /// Queries and reports of groups, neighbour discovery, redirects (RFC 4443, 4861, 3810).
  private static final int LEAST_OF_LINK = 130;

  private static final int MOST_OF_LINK = 143;

  /// Why a frame went nowhere.
  public enum Drop {
    /// Too short, or with a length in the place of a type.
    MALFORMED,

    /// From another card than the guest's.
    FOREIGN_CARD,

    /// From an address that is not the member's.
    FOREIGN_SOURCE,

    /// Neither IP nor a question to the switch.
    NOT_IP,

    /// A question to which there is no answer.
    UNANSWERED
  }

  /// What becomes of a frame.
  public sealed interface Verdict {
    /// A frame for the guest.
    record Answer(byte[] frame) implements Verdict {}

    /// A packet of IP goes on its way; it begins behind the frame's header.
    record Forward() implements Verdict {}

    record Dropped(Drop why) implements Verdict {}
  }

  private static final Verdict FORWARD = new Verdict.Forward();

  /// Made from the network's name, once: it stands before every packet for the guest.
  private final MacAddress router;

  private volatile Guest guest;

  EthernetEnd(Guest guest) {
    this.guest = guest;
    this.router = guest.router();
  }

  /// The member has other addresses from now on; the guest learns of them when it asks again.
  void moved(Member now) {
    guest = new Guest(guest.network(), now, guest.card(), guest.mtu(), guest.leaves());
  }

  /// The switch is a router to the rest of the world from now on, or is none.
  ///
  /// @return whether that is new
  boolean leaves(boolean leaves) {
    boolean other = guest.leaves() != leaves;
    guest = new Guest(guest.network(), guest.member(), guest.card(), guest.mtu(), leaves);
    return other;
  }

  /// The frames that say that addresses are reached through the switch: whoever has asked in vain
  /// need not wait before he asks again (RFC 5227 §2.3, RFC 4861 §7.2.6).
  List<byte[]> announcements(Member of) {
    return List.of(
        Arp.announcement(guest, of.v4()),
        Packets.frame(
            guest.card(), router, Packets.TYPE_V6, Neighbours.announcement(guest, of.v6())));
  }

  /// @param frame all of it, from the header of Ethernet on
  public Verdict judge(RouteTable table, byte[] frame) {
    if (frame.length < Packets.ETHERNET_BYTES) {
      return new Verdict.Dropped(Drop.MALFORMED);
    }
    ByteBuffer in = ByteBuffer.wrap(frame);
    var _ = MacAddress.read(in);
    MacAddress from = MacAddress.read(in);
    int type = Short.toUnsignedInt(in.getShort());
    if (!from.equals(guest.card())) {
      return new Verdict.Dropped(Drop.FOREIGN_CARD);
    }
    byte[] packet = Arrays.copyOfRange(frame, Packets.ETHERNET_BYTES, frame.length);
    return switch (type) {
      case Packets.TYPE_ARP -> answer(Arp.answer(guest, packet, address -> there(table, address)));
      case Packets.TYPE_V4, Packets.TYPE_V6 -> packet(table, packet, type == Packets.TYPE_V4);
      default -> new Verdict.Dropped(type < 0x600 ? Drop.MALFORMED : Drop.NOT_IP);
    };
  }

  private static Verdict answer(byte @Nullable [] frame) {
    return frame == null ? new Verdict.Dropped(Drop.UNANSWERED) : new Verdict.Answer(frame);
  }

  private Verdict packet(RouteTable table, byte[] packet, boolean four) {
    if (packet.length < (four ? Packets.V4_BYTES : Packets.V6_BYTES)
        || (packet[0] & 0xf0) != (four ? 0x40 : 0x60)) {
      return new Verdict.Dropped(Drop.MALFORMED);
    }
    IpAddress source = IpAddress.of(Arrays.copyOfRange(packet, four ? 12 : 8, four ? 16 : 24));
    IpAddress aim = IpAddress.of(Arrays.copyOfRange(packet, four ? 16 : 24, four ? 20 : 40));
    boolean own = source.equals(guest.member().v4()) || source.equals(guest.member().v6());
    if (own && !aim.isMulticast() && table.find(aim) >= 0) {
      return FORWARD;
    }
    byte[] said = said(table, packet, aim);
    if (said != null) {
      return new Verdict.Answer(
          Packets.frame(
              guest.card(), guest.router(), four ? Packets.TYPE_V4 : Packets.TYPE_V6, said));
    }
    if (own && table.find(aim) != RouteTable.GATEWAY && !staysOnLink(packet)) {
      return FORWARD;
    }
    boolean begins = source.equals(NONE_4) || source.equals(NONE_6) || isLinkLocal(source);
    return new Verdict.Dropped(own || begins ? Drop.UNANSWERED : Drop.FOREIGN_SOURCE);
  }

  /// What the switch answers to a packet itself.
  private byte @Nullable [] said(RouteTable table, byte[] packet, IpAddress aim) {
    boolean gateway = table.find(aim) == RouteTable.GATEWAY;
    boolean broadcast = aim.isV4() && table.find(aim) == RouteTable.EVERYBODY;
    if (!gateway && !broadcast && !aim.isMulticast() && !aim.equals(Guest.ROUTER)) {
      return null;
    }
    Received in = Received.read(packet);
    if (in == null) {
      return null;
    }
    if (in.port() == Dhcp.SERVER_PORT && aim.isV4()) {
      return Dhcp.answer(guest, in.payload());
    }
    if (in.port() == Dhcp6.SERVER_PORT && (aim.equals(ALL_AGENTS) || gateway)) {
      byte[] reply = Dhcp6.answer(guest, in.payload());
      return reply == null
          ? null
          : Packets.udp(Guest.ROUTER, Dhcp6.SERVER_PORT, in.source(), Dhcp6.CLIENT_PORT, reply);
    }
    byte[] neighbour = Neighbours.answer(guest, in, address -> there(table, address));
    if (neighbour != null) {
      return neighbour;
    }
    return gateway || aim.equals(Guest.ROUTER) ? GatewayHost.answer(table, in) : null;
  }

  /// Whether a packet is between a host and its own link: who is there, who wants which groups, who
  /// gives addresses. What is for names and services (mDNS) is not, and reaches the members.
  private static boolean staysOnLink(byte[] packet) {
    IpHeader header = new IpHeader();
    if (!header.read(MemorySegment.ofArray(packet), 0, packet.length)) {
      return true;
    }
    int at = header.headerBytes();
    int left = header.totalBytes() - at;
    return switch (header.protocol()) {
      case IGMP -> true;
      case Packets.ICMP6 ->
          left > 0 && (packet[at] & 0xff) >= LEAST_OF_LINK && (packet[at] & 0xff) <= MOST_OF_LINK;
      case Packets.UDP ->
          left >= 4
              && switch (ByteBuffer.wrap(packet).getShort(at + 2)) {
                case Dhcp.SERVER_PORT, Dhcp.CLIENT_PORT, Dhcp6.SERVER_PORT, Dhcp6.CLIENT_PORT ->
                    true;
                default -> false;
              };
      default -> false;
    };
  }

  private static boolean isLinkLocal(IpAddress address) {
    return !address.isV4() && isLinkLocal(address.high());
  }

  private static boolean there(RouteTable table, IpAddress address) {
    int found = table.find(address);
    return found >= 0 || found == RouteTable.GATEWAY;
  }

  /// Whether a frame comes from the guest's card and holds a packet of IP; asked for each, so it
  /// makes no objects.
  boolean isPlain(MemorySegment memory, long at, int bytes) {
    if (bytes < Packets.ETHERNET_BYTES + Packets.V4_BYTES) {
      return false;
    }
    long card = (memory.get(NETWORK_LONG, at + MacAddress.BYTES) >>> 16);
    int type = Short.toUnsignedInt(memory.get(NETWORK_SHORT, at + 2L * MacAddress.BYTES));
    int version = memory.get(ValueLayout.JAVA_BYTE, at + Packets.ETHERNET_BYTES) & 0xf0;
    return card == guest.card().bits()
        && (type == Packets.TYPE_V4
            ? version == 0x40
            : type == Packets.TYPE_V6
                && version == 0x60
                && bytes >= Packets.ETHERNET_BYTES + Packets.V6_BYTES);
  }

  /// Whether an address is one of a link, to which nothing beyond it is sent.
  static boolean isLinkLocal(long high) {
    return high >>> 54 == LINK_LOCAL.high() >>> 54;
  }

  /// Puts the header of Ethernet before a packet of IP for the guest; likewise without objects.
  ///
  /// @param at where the header begins
  void head(MemorySegment memory, long at, boolean four) {
    long from = router.bits();
    memory.set(NETWORK_LONG, at, guest.card().bits() << 16 | from >>> 32);
    memory.set(NETWORK_INT, at + 8, (int) from);
    memory.set(
        NETWORK_SHORT,
        at + 2L * MacAddress.BYTES,
        (short) (four ? Packets.TYPE_V4 : Packets.TYPE_V6));
  }

  /// The router's word of itself, as a frame: a guest that has just come up need not ask.
  public byte[] advertisement() {
    return Packets.frame(
        guest.card(), guest.router(), Packets.TYPE_V6, Neighbours.router(guest, NONE_6));
  }
}
