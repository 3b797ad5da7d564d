package io.atoll.vpn.vswitch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.EgressRule;
import io.atoll.vpn.network.EgressRule.Action;
import io.atoll.vpn.network.EgressRule.Protocol;
import io.atoll.vpn.port.IpHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EgressTableTest {
  private static final IpAddress FROM_4 = IpAddress.parse("10.7.0.2");
  private static final IpAddress FROM_6 = IpAddress.parse("fd00::2");

  private final IpHeader header = new IpHeader();

  private static EgressTable table(EgressRule... rules) {
    return new EgressTable(new Egress(List.of(rules), List.of()));
  }

  private static EgressRule rule(String to, Protocol protocol, int first, int last, Action action) {
    return new EgressRule(Cidr.parse(to), protocol, first, last, action);
  }

  private int udp(EgressTable table, String to, int port) {
    IpAddress aim = IpAddress.parse(to);
    byte[] packet = Packets.udp(aim.isV4() ? FROM_4 : FROM_6, 1000, aim, port, new byte[9]);
    return rule(table, packet);
  }

  private int rule(EgressTable table, byte[] packet) {
    return table.rule(header, MemorySegment.ofArray(packet), 0, packet.length);
  }

  @Test
  void theFirstThatFitsDecides() {
    EgressTable table =
        table(
            rule("192.0.2.0/24", Protocol.UDP, 53, 53, Action.ALLOW),
            rule("192.0.2.0/25", Protocol.ANY, 0, 65_535, Action.DENY),
            rule("0.0.0.0/0", Protocol.UDP, 1000, 2000, Action.ALLOW),
            rule("2001:db8::/33", Protocol.ANY, 0, 65_535, Action.ALLOW),
            rule("::/0", Protocol.ICMP, 0, 65_535, Action.ALLOW));
    assertThat(udp(table, "192.0.2.7", 53)).isZero();
    assertThat(udp(table, "192.0.2.127", 1000)).isEqualTo(1);
    assertThat(udp(table, "192.0.2.128", 1000)).isEqualTo(2);
    assertThat(udp(table, "8.8.8.8", 999)).isEqualTo(EgressTable.NONE);
    assertThat(udp(table, "8.8.8.8", 2000)).isEqualTo(2);
    assertThat(udp(table, "2001:db8:7fff::1", 7)).isEqualTo(3);
    assertThat(udp(table, "2001:db8:8000::1", 7)).isEqualTo(EgressTable.NONE);
    byte[] echo = Packets.icmp(FROM_6, IpAddress.parse("2001:db8:8000::1"), 128, 0, new byte[8]);
    assertThat(rule(table, echo)).isEqualTo(4);
    assertThat(table.allows(0)).isTrue();
    assertThat(table.allows(1)).isFalse();
    assertThat(table.allows(EgressTable.NONE)).isFalse();
  }

  @Test
  void aRuleIsAboutOneFamily() {
    EgressTable six = table(rule("::/0", Protocol.ANY, 0, 65_535, Action.ALLOW));
    assertThat(udp(six, "8.8.8.8", 53)).isEqualTo(EgressTable.NONE);
    assertThat(udp(six, "2001:db8::1", 53)).isZero();
    EgressTable four = table(rule("0.0.0.0/0", Protocol.ANY, 0, 65_535, Action.ALLOW));
    assertThat(udp(four, "8.8.8.8", 53)).isZero();
    assertThat(udp(four, "2001:db8::1", 53)).isEqualTo(EgressTable.NONE);
  }

  @Test
  void whatHidesWhereItGoesStaysInside() {
    EgressTable all =
        table(
            rule("0.0.0.0/0", Protocol.ANY, 0, 65_535, Action.ALLOW),
            rule("::/0", Protocol.ANY, 0, 65_535, Action.ALLOW));
    byte[] piece = Packets.udp(FROM_4, 1, IpAddress.parse("8.8.8.8"), 2, new byte[9]);
    assertThat(rule(all, piece)).isZero();
    piece[6] = 0x20;
    assertThat(rule(all, piece)).as("a piece").isEqualTo(EgressTable.NONE);
    byte[] mapped = Packets.udp(FROM_6, 1, IpAddress.parse("2001:db8::1"), 2, new byte[9]);
    assertThat(rule(all, mapped)).isEqualTo(1);
    byte[] prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 8, 8, 8, 8};
    System.arraycopy(prefix, 0, mapped, 24, 16);
    assertThat(rule(all, mapped)).as("IPv4 in IPv6").isEqualTo(EgressTable.NONE);
  }

  /// Any packet gets the verdict of a plain search through the rules, if it has an aim at all.
  @Test
  void damagedPackets() {
    List<byte[]> samples = new ArrayList<>();
    for (String to : List.of("8.8.8.8", "192.0.2.9", "2001:db8::7", "fe80::1")) {
      IpAddress aim = IpAddress.parse(to);
      IpAddress from = aim.isV4() ? FROM_4 : FROM_6;
      samples.add(Packets.udp(from, 1000, aim, 443, new byte[20]));
      samples.add(Packets.icmp(from, aim, aim.isV4() ? 8 : 128, 0, new byte[8]));
    }
    Fuzz.rounds(
        "egress",
        20_000,
        random -> {
          List<EgressRule> rules = new ArrayList<>();
          for (int i = random.nextInt(8); i > 0; i--) {
            rules.add(any(random, samples));
          }
          EgressTable table = new EgressTable(new Egress(rules, List.of()));
          byte[] packet = Fuzz.bytes(random, samples);
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, packet.length));
            MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 0, packet.length);
            int found = table.rule(header, memory, 0, packet.length);
            if (found != expected(rules, packet)) {
              throw new AssertionError("rule " + found + " of " + rules);
            }
          }
        });
  }

  private static EgressRule any(Random random, List<byte[]> samples) {
    byte[] sample = samples.get(random.nextInt(samples.size()));
    boolean four = sample[0] >> 4 == 4;
    IpAddress aim =
        IpAddress.of(java.util.Arrays.copyOfRange(sample, four ? 16 : 24, four ? 20 : 40));
    Protocol protocol = Protocol.values()[random.nextInt(4)];
    boolean ports = protocol == Protocol.TCP || protocol == Protocol.UDP;
    int first = ports ? random.nextInt(1000) : 0;
    return new EgressRule(
        Cidr.around(aim, random.nextInt(aim.width() + 1)),
        protocol,
        first,
        ports ? first + random.nextInt(1000) : 65_535,
        Action.values()[random.nextInt(2)]);
  }

  private static int expected(List<EgressRule> rules, byte[] packet) {
    IpHeader header = new IpHeader();
    if (!header.read(MemorySegment.ofArray(packet), 0, packet.length) || header.fragment()) {
      return EgressTable.NONE;
    }
    boolean four = header.version() == 4;
    IpAddress aim =
        IpAddress.of(java.util.Arrays.copyOfRange(packet, four ? 16 : 24, four ? 20 : 40));
    if (aim.isV4() != four) {
      return EgressTable.NONE;
    }
    int at = header.headerBytes();
    boolean transport = header.protocol() == 6 || header.protocol() == 17;
    if (transport && header.totalBytes() - at < 8) {
      return EgressTable.NONE;
    }
    int port = transport ? (packet[at + 2] & 0xff) << 8 | (packet[at + 3] & 0xff) : 0;
    for (int i = 0; i < rules.size(); i++) {
      EgressRule rule = rules.get(i);
      boolean fits =
          switch (rule.protocol()) {
            case ANY -> true;
            case TCP -> header.protocol() == 6;
            case UDP -> header.protocol() == 17;
            case ICMP -> header.protocol() == (four ? 1 : 58);
          };
      boolean inPorts = rule.everyPort() || (port >= rule.firstPort() && port <= rule.lastPort());
      if (fits && rule.to().contains(aim) && inPorts) {
        return i;
      }
    }
    return EgressTable.NONE;
  }
}
