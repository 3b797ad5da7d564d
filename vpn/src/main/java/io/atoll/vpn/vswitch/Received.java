package io.atoll.vpn.vswitch;

import io.atoll.core.term.IpAddress;
import io.atoll.vpn.port.IpHeader;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A packet of IP that the switch itself is to read, taken apart.
///
/// @param packet all of it, without padding
/// @param carried what is behind the headers of IP; its sum is right
record Received(
    byte[] packet, IpAddress source, IpAddress destination, int protocol, byte[] carried) {
  private static final int ICMP_BYTES = 8;

  /// @return null for what is no whole packet of UDP or ICMP, or damaged
  static @Nullable Received read(byte[] bytes) {
    IpHeader header = new IpHeader();
    if (!header.read(MemorySegment.ofArray(bytes), 0, bytes.length) || header.fragment()) {
      return null;
    }
    boolean four = header.version() == 4;
    IpAddress source = IpAddress.of(Arrays.copyOfRange(bytes, four ? 12 : 8, four ? 16 : 24));
    IpAddress destination = IpAddress.of(Arrays.copyOfRange(bytes, four ? 16 : 24, four ? 20 : 40));
    byte[] packet = Arrays.copyOf(bytes, header.totalBytes());
    byte[] carried = Arrays.copyOfRange(packet, header.headerBytes(), packet.length);
    int protocol = header.protocol();
    boolean holds =
        switch (protocol) {
          case Packets.UDP ->
              carried.length >= Packets.UDP_BYTES
                  && ByteBuffer.wrap(carried).getShort(4) == (short) carried.length
                  && (ByteBuffer.wrap(carried).getShort(6) == 0
                      ? four
                      : Packets.summed(source, destination, protocol, carried));
          case Packets.ICMP ->
              four
                  && carried.length >= ICMP_BYTES
                  && Packets.summed(source, destination, protocol, carried);
          case Packets.ICMP6 ->
              !four
                  && carried.length >= ICMP_BYTES
                  && Packets.summed(source, destination, protocol, carried);
          default -> false;
        };
    return holds ? new Received(packet, source, destination, protocol, carried) : null;
  }

  /// The port at which a datagram of UDP is aimed; -1 for what is none.
  int port() {
    return protocol == Packets.UDP ? Short.toUnsignedInt(carriedBuffer().getShort(2)) : -1;
  }

  int sourcePort() {
    return protocol == Packets.UDP ? Short.toUnsignedInt(carriedBuffer().getShort(0)) : -1;
  }

  /// What a datagram of UDP carries.
  byte[] payload() {
    return Arrays.copyOfRange(carried, Packets.UDP_BYTES, carried.length);
  }

  /// The type of a message of ICMP or ICMPv6; -1 for what is none.
  int icmpType() {
    return protocol == Packets.UDP ? -1 : carried[0] & 0xff;
  }

  ByteBuffer carriedBuffer() {
    return ByteBuffer.wrap(carried);
  }
}
