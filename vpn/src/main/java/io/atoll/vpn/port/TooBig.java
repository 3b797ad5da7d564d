package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/// Says to the sender of a packet that it is too long for the way (RFC 792 and 1191, RFC 4443): the
/// only way in which its path MTU is found. One thread. How often it is said is the caller's
/// concern: a sender that does not listen is told again with each packet.
public final class TooBig {
  /// What an answer may have over the way of least size, for each version of IP.
  private static final int MOST_V4 = 576;

  private static final int MOST_V6 = 1280;
  private static final int ICMP = 1;
  private static final int ICMP_V6 = 58;
  private static final int ICMP_HEADER = 8;
  private static final int UNREACHABLE = 3;
  private static final int FRAGMENTATION_NEEDED = 4;
  private static final int PACKET_TOO_BIG = 2;
  private static final int FIRST_ICMP_V6_INFORMATION = 128;
  private static final int HOPS = 64;

  private final IpHeader header = new IpHeader();

  /// Whether a packet is too long and must not be cut into fragments, so that its sender is to be
  /// told. A super-packet is as long as the packets that it becomes.
  ///
  /// @param link bytes before the packet of IP
  public boolean concerns(PacketBatch batch, int index, int link, int mtu) {
    int at = batch.offset(index) + link;
    if (!header.read(batch.memory(), at, batch.length(index) - link) || !header.dontFragment()) {
      return false;
    }
    if (batch.segmentation(index) == Segmentation.NONE) {
      return header.totalBytes() > mtu;
    }
    int headers = header.withTransport(batch.memory(), at);
    return headers > 0 && headers + batch.gsoSize(index) > mtu;
  }

  /// Adds the answer to a batch, a packet of IP.
  ///
  /// @param link bytes before the packet of IP
  /// @param from the address that says so, 4 or 16 bytes as the packet's
  /// @return false if nobody is told: the packet has no sender, is itself such an answer, or there
  ///     is no room
  public boolean answer(
      PacketBatch batch, int index, int link, int mtu, byte[] from, PacketBatch into) {
    MemorySegment memory = batch.memory();
    int packet = batch.offset(index) + link;
    if (!header.read(memory, packet, batch.length(index) - link) || !mayBeTold(memory, packet)) {
      return false;
    }
    boolean four = header.version() == 4;
    if (from.length != header.addressBytes() / 2) {
      throw new IllegalArgumentException("an address of " + from.length + " bytes says so");
    }
    int ip = four ? IpHeader.V4_BYTES : IpHeader.V6_BYTES;
    int quoted = Math.min(header.totalBytes(), (four ? MOST_V4 : MOST_V6) - ip - ICMP_HEADER);
    int length = ip + ICMP_HEADER + quoted;
    int at = into.place(length);
    if (at < 0) {
      return false;
    }
    MemorySegment out = into.memory();
    out.asSlice(at, ip + ICMP_HEADER).fill((byte) 0);
    long sender = packet + (long) header.addresses();
    if (four) {
      out.set(JAVA_BYTE, at, (byte) 0x45);
      out.set(IpHeader.NETWORK_SHORT, at + 2L, (short) length);
      out.set(JAVA_BYTE, at + 8L, (byte) HOPS);
      out.set(JAVA_BYTE, at + 9L, (byte) ICMP);
      MemorySegment.copy(from, 0, out, JAVA_BYTE, at + 12L, 4);
      MemorySegment.copy(memory, sender, out, at + 16L, 4);
      Checksum.store(out, at + 10L, ~Checksum.fold(Checksum.add(out, at, ip, 0)));
    } else {
      out.set(JAVA_BYTE, at, (byte) 0x60);
      out.set(IpHeader.NETWORK_SHORT, at + 4L, (short) (length - ip));
      out.set(JAVA_BYTE, at + 6L, (byte) ICMP_V6);
      out.set(JAVA_BYTE, at + 7L, (byte) HOPS);
      MemorySegment.copy(from, 0, out, JAVA_BYTE, at + 8L, 16);
      MemorySegment.copy(memory, sender, out, at + 24L, 16);
    }
    int icmp = at + ip;
    out.set(JAVA_BYTE, icmp, (byte) (four ? UNREACHABLE : PACKET_TOO_BIG));
    out.set(JAVA_BYTE, icmp + 1L, (byte) (four ? FRAGMENTATION_NEEDED : 0));
    out.set(IpHeader.NETWORK_INT, icmp + 4L, mtu);
    MemorySegment.copy(memory, packet, out, icmp + (long) ICMP_HEADER, quoted);
    int carried = length - ip;
    long pseudo = four ? 0 : Checksum.pseudo(out, at + 8L, 32, ICMP_V6, carried);
    Checksum.store(out, icmp + 2L, ~Checksum.fold(Checksum.add(out, icmp, carried, pseudo)));
    into.add(at, length);
    return true;
  }

  /// Nobody is told about what many got, or what has no single sender (RFC 1122, section 3.2.2; RFC
  /// 4443, section 2.4), nor about an error.
  private boolean mayBeTold(MemorySegment memory, int packet) {
    long sender = packet + (long) header.addresses();
    int first = memory.get(JAVA_BYTE, sender) & 0xff;
    boolean none = true;
    for (int i = 0; i < header.addressBytes() / 2; i += 4) {
      none &= memory.get(JAVA_INT_UNALIGNED, sender + i) == 0;
    }
    if (none || (header.version() == 4 ? first >= 0xe0 || first == 127 : first == 0xff)) {
      return false;
    }
    int type = packet + header.headerBytes();
    if (header.version() == 4) {
      boolean notFirst = (IpHeader.number(memory, packet + 6L) & 0x1fff) != 0;
      int to = memory.get(JAVA_BYTE, packet + 16L) & 0xff;
      return !notFirst
          && to < 0xe0
          && (header.protocol() != ICMP
              || (header.totalBytes() > header.headerBytes()
                  && isQuestion(memory.get(JAVA_BYTE, type))));
    }
    return header.protocol() != ICMP_V6
        || (!header.fragment()
            && header.totalBytes() > header.headerBytes()
            && (memory.get(JAVA_BYTE, type) & 0xff) >= FIRST_ICMP_V6_INFORMATION);
  }

  /// Echo, and its answer: all others may be errors.
  private static boolean isQuestion(byte type) {
    return type == 0 || type == 8;
  }
}
