package io.atoll.vpn.vswitch;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.EgressRule;
import io.atoll.vpn.network.EgressRule.Protocol;
import io.atoll.vpn.port.IpHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The rules of a network as each packet is held against them, without making objects. Immutable.
final class EgressTable {
  /// No rule fits.
  static final int NONE = -1;

  static final EgressTable NOTHING_LEAVES = new EgressTable(Egress.NONE);

  private static final ValueLayout.OfShort SHORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int TCP = 6;

  /// Four longs a rule: the first address and the last, by halves.
  private final long[] ends;

  private final Egress egress;
  private final EgressRule[] rules;

  /// Which of them are about IPv4.
  private final boolean[] fours;

  EgressTable(Egress egress) {
    this.egress = egress;
    this.rules = egress.rules().toArray(EgressRule[]::new);
    this.ends = new long[4 * rules.length];
    this.fours = new boolean[rules.length];
    for (int i = 0; i < rules.length; i++) {
      Cidr block = rules[i].to();
      fours[i] = block.isV4();
      IpAddress last = block.last();
      ends[4 * i] = block.base().high();
      ends[4 * i + 1] = block.base().low();
      ends[4 * i + 2] = last.high();
      ends[4 * i + 3] = last.low();
    }
  }

  Egress egress() {
    return egress;
  }

  /// Which rule decides on a packet whose addresses were read already.
  ///
  /// @param header to read it into
  int rule(IpHeader header, MemorySegment memory, long at, int bytes) {
    if (!header.read(memory, at, bytes) || header.fragment()) {
      return NONE; // The ports of a piece are in another.
    }
    Protocol what =
        switch (header.protocol()) {
          case TCP -> Protocol.TCP;
          case Packets.UDP -> Protocol.UDP;
          case Packets.ICMP -> header.version() == 4 ? Protocol.ICMP : Protocol.ANY;
          case Packets.ICMP6 -> header.version() == 6 ? Protocol.ICMP : Protocol.ANY;
          default -> Protocol.ANY;
        };
    int port = 0;
    if (what == Protocol.TCP || what == Protocol.UDP) {
      if (header.totalBytes() - header.headerBytes() < Packets.UDP_BYTES) {
        return NONE;
      }
      port = Short.toUnsignedInt(memory.get(SHORT, at + header.headerBytes() + 2));
    }
    long high = Headers.aimHigh(memory, at);
    long low = Headers.aimLow(memory, at);
    if (header.version() == 6 && high == 0 && low >>> 32 == 0xffff) {
      return NONE; // IPv6 does not carry addresses of IPv4.
    }
    return rule(high, low, what, port);
  }

  /// Which rule decides on an address.
  ///
  /// @param high see [IpAddress]
  int rule(long high, long low, Protocol what, int port) {
    // All addresses of IPv4 lie in a block of IPv6 as large as ::/0, whose rules are not about
    // them.
    boolean four = high == 0 && low >>> 32 == 0xffff;
    for (int i = 0; i < rules.length; i++) {
      EgressRule rule = rules[i];
      if (four == fours[i]
          && (rule.protocol() == Protocol.ANY || rule.protocol() == what)
          && port >= rule.firstPort()
          && port <= rule.lastPort()
          && !before(high, low, ends[4 * i], ends[4 * i + 1])
          && !before(ends[4 * i + 2], ends[4 * i + 3], high, low)) {
        return i;
      }
    }
    return NONE;
  }

  private static boolean before(long high, long low, long thanHigh, long thanLow) {
    return high == thanHigh
        ? Long.compareUnsigned(low, thanLow) < 0
        : Long.compareUnsigned(high, thanHigh) < 0;
  }

  boolean allows(int rule) {
    return rule >= 0 && rules[rule].action() == EgressRule.Action.ALLOW;
  }
}
