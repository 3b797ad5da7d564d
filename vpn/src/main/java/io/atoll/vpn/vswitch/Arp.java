package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Answers of ARP (RFC 826): whoever is in the network is reached through the switch's card.
final class Arp {
  private static final int BYTES = 28;
  private static final long ETHERNET_AND_V4 = 0x0001_0800_0604L;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;

  private Arp() {}

  /// Says unasked that an address is reached through the switch (RFC 5227 §2.3).
  static byte[] announcement(Guest guest, IpAddress address) {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putLong(ETHERNET_AND_V4 << 16 | REQUEST);
    guest.router().write(out);
    out.put(address.bytes()).put(new byte[MacAddress.BYTES]).put(address.bytes());
    return Packets.frame(guest.card(), guest.router(), Packets.TYPE_ARP, out.array());
  }

  /// @param packet behind the header of Ethernet
  /// @param there whether somebody has an address
  /// @return the answer, a whole frame; null if there is none to give
  static byte @Nullable [] answer(Guest guest, byte[] packet, Predicate<IpAddress> there) {
    if (packet.length < BYTES) {
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(packet);
    if (in.getLong() != (ETHERNET_AND_V4 << 16 | REQUEST)) {
      return null;
    }
    MacAddress asker = MacAddress.read(in);
    IpAddress from = IpAddress.v4(in.getInt());
    MacAddress.read(in);
    IpAddress wanted = IpAddress.v4(in.getInt());
    IpAddress own = guest.member().v4();
    // Who asks for its own address looks whether another has it (RFC 5227 §2.1.1): none has.
    if (!asker.equals(guest.card()) || wanted.equals(own) || !there.test(wanted)) {
      return null;
    }
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.putLong(ETHERNET_AND_V4 << 16 | REPLY);
    guest.router().write(out);
    out.put(wanted.bytes());
    asker.write(out);
    out.put(from.bytes());
    return Packets.frame(asker, guest.router(), Packets.TYPE_ARP, out.array());
  }
}
