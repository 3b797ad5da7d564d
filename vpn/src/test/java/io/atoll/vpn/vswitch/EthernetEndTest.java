package io.atoll.vpn.vswitch;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.RouteTable;
import io.atoll.vpn.vswitch.EthernetEnd.Drop;
import io.atoll.vpn.vswitch.EthernetEnd.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Frames as guests send them, and what comes back.
class EthernetEndTest {
  private static final MacAddress CARD = MacAddress.parse("02:00:00:00:00:07");
  private static final HexFormat HEX = HexFormat.of();

  private final Identity owner = Identity.generate();
  private final Network network =
      Network.of(new NetworkId("n0123456789ab"), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
  private final Member self = member("self", 2);
  private final Member other = member("web", 3);
  private final RouteTable table = table();
  private final Guest guest = new Guest(network, self, CARD, 1420, false);
  private final EthernetEnd end = new EthernetEnd(guest);

  private Member member(String name, int number) {
    return new Member(
        name, name, owner.id(), network.v4().base().plus(number), network.v6().base().plus(number));
  }

  private RouteTable table() {
    TreeMap<String, Member> members = new TreeMap<>();
    for (Member member : List.of(self, other)) {
      members.put(member.id(), member);
    }
    return new RouteTable(new Membership(network, 1, members, new TreeMap<>()), owner.id());
  }

  private byte[] answer(int type, byte[] packet) {
    Verdict verdict = end.judge(table, Packets.frame(MacAddress.BROADCAST, CARD, type, packet));
    assertThat(verdict).isInstanceOf(Verdict.Answer.class);
    byte[] frame = ((Verdict.Answer) verdict).frame();
    assertThat(Arrays.copyOf(frame, 6)).isEqualTo(CARD.bytes());
    return Arrays.copyOfRange(frame, 14, frame.length);
  }

  private Received read(byte[] packet) {
    return Objects.requireNonNull(Received.read(packet), "a sound packet");
  }

  private Verdict judge(int type, byte[] packet) {
    return end.judge(table, Packets.frame(MacAddress.BROADCAST, CARD, type, packet));
  }

  private static byte[] arp(IpAddress from, IpAddress wanted) {
    return ByteBuffer.allocate(28)
        .putLong(0x0001_0800_0604_0001L)
        .put(CARD.bytes())
        .put(from.bytes())
        .put(new byte[6])
        .put(wanted.bytes())
        .array();
  }

  @Test
  void whoeverIsThereIsReachedThroughTheSwitch() {
    byte[] reply = answer(Packets.TYPE_ARP, arp(self.v4(), other.v4()));
    assertThat(HEX.formatHex(reply, 0, 8)).isEqualTo("0001080006040002");
    assertThat(Arrays.copyOfRange(reply, 8, 14)).isEqualTo(guest.router().bytes());
    assertThat(Arrays.copyOfRange(reply, 14, 18)).isEqualTo(other.v4().bytes());
    answer(Packets.TYPE_ARP, arp(self.v4(), network.gateway4()));
    // Nobody there, outside, and a probe for its own address.
    for (String wanted : List.of("10.7.0.99", "192.168.1.1", "10.7.0.2")) {
      assertThat(judge(Packets.TYPE_ARP, arp(IpAddress.v4(0), IpAddress.parse(wanted))))
          .isEqualTo(new Verdict.Dropped(Drop.UNANSWERED));
    }
  }

  private byte[] solicitation(IpAddress from, IpAddress wanted) {
    byte[] body =
        ByteBuffer.allocate(28)
            .putInt(0)
            .put(wanted.bytes())
            .putShort((short) 0x0101)
            .put(CARD.bytes())
            .array();
    return Packets.icmp(from, IpAddress.parse("ff02::1:ff00:3"), 135, 0, body);
  }

  @Test
  void neighboursAreFoundInIpv6() {
    Received reply = read(answer(Packets.TYPE_V6, solicitation(self.v6(), other.v6())));
    assertThat(reply.icmpType()).isEqualTo(136);
    assertThat(reply.source()).isEqualTo(other.v6());
    assertThat(reply.destination()).isEqualTo(self.v6());
    assertThat(HEX.formatHex(reply.carried(), 4, 8)).isEqualTo("e0000000");
    assertThat(Arrays.copyOfRange(reply.carried(), 26, 32)).isEqualTo(guest.router().bytes());
    // A probe whether another has its address finds nobody; for another's it does.
    IpAddress none = IpAddress.parse("::");
    assertThat(judge(Packets.TYPE_V6, solicitation(none, self.v6())))
        .isEqualTo(new Verdict.Dropped(Drop.UNANSWERED));
    Received taken = read(answer(Packets.TYPE_V6, solicitation(none, other.v6())));
    assertThat(taken.destination()).hasToString("ff02::1");
    // Somebody further away who claims to be on the link.
    byte[] far = solicitation(self.v6(), other.v6());
    far[7] = 64;
    assertThat(judge(Packets.TYPE_V6, far)).isEqualTo(new Verdict.Dropped(Drop.UNANSWERED));
  }

  @Test
  void theRouterTellsHowAddressesAreGiven() {
    byte[] asked =
        Packets.icmp(IpAddress.parse("fe80::7"), IpAddress.parse("ff02::2"), 133, 0, new byte[4]);
    Received reply = read(answer(Packets.TYPE_V6, asked));
    assertThat(reply.icmpType()).isEqualTo(134);
    byte[] said = reply.carried();
    assertThat(said[5] & 0xc0).isEqualTo(0xc0);
    assertThat(ByteBuffer.wrap(said).getShort(6)).as("no way out").isZero();
    assertThat(HEX.formatHex(said))
        .contains("050100000000058c")
        .contains("056d796e657408696e7465726e616c00");
    assertThat(said.length % 8).isZero();
  }

  private byte[] dhcp(int type, int flags, String options) {
    ByteBuffer message = ByteBuffer.allocate(300);
    message.put(new byte[] {1, 1, 6, 0}).putInt(0x01020304).putShort((short) 0);
    message.putShort((short) flags).position(28).put(CARD.bytes());
    message.position(236).putInt(0x63825363);
    message.put(new byte[] {53, 1, (byte) type}).put(HEX.parseHex(options)).put((byte) 255);
    return Packets.udp(IpAddress.v4(0), 68, IpAddress.v4(-1), 67, message.array());
  }

  @Test
  void dhcpGivesTheMembersAddress() {
    Received offer = read(answer(Packets.TYPE_V4, dhcp(1, 0x8000, "")));
    assertThat(offer.destination()).hasToString("255.255.255.255");
    assertThat(offer.port()).isEqualTo(68);
    ByteBuffer said = ByteBuffer.wrap(offer.payload());
    assertThat(said.getInt(4)).isEqualTo(0x01020304);
    assertThat(IpAddress.v4(said.getInt(16))).isEqualTo(self.v4());
    String options = HEX.formatHex(offer.payload(), 240, offer.payload().length);
    assertThat(options)
        .startsWith("350102")
        .contains("3604" + "0a070001")
        .contains("0104ffffff00")
        .contains("06040a070001")
        .contains("1a02058c")
        .contains("0c04" + HEX.formatHex("self".getBytes(StandardCharsets.US_ASCII)))
        .doesNotContain("03040a070001");
    Received ack = read(answer(Packets.TYPE_V4, dhcp(3, 0, "32040a070002" + "36040a070001")));
    assertThat(HEX.formatHex(ack.payload(), 240, 243)).isEqualTo("350105");
    assertThat(ack.destination()).isEqualTo(self.v4());
    Received nak = read(answer(Packets.TYPE_V4, dhcp(3, 0, "32040a070009")));
    assertThat(HEX.formatHex(nak.payload(), 240, 243)).isEqualTo("350106");
    assertThat(judge(Packets.TYPE_V4, dhcp(3, 0, "32040a07000236040a070063")))
        .as("another server was chosen")
        .isEqualTo(new Verdict.Dropped(Drop.UNANSWERED));
  }

  @Test
  void aGuestThatAsksAgainHearsOfItsNewAddress() {
    Received ack = read(answer(Packets.TYPE_V4, dhcp(3, 0, "32040a070002")));
    assertThat(HEX.formatHex(ack.payload(), 240, ack.payload().length))
        .contains("3304" + "00000258")
        .contains("3a04" + "0000001e")
        .contains("3b04" + "0000012c");
    end.moved(member("self", 9));
    Received nak = read(answer(Packets.TYPE_V4, dhcp(3, 0, "32040a070002")));
    assertThat(HEX.formatHex(nak.payload(), 240, 243)).isEqualTo("350106");
    Received offer = read(answer(Packets.TYPE_V4, dhcp(1, 0x8000, "")));
    assertThat(HEX.formatHex(offer.payload(), 16, 20)).isEqualTo("0a070009");
    // Of IPv6 the old one is taken back in the same answer.
    String old = HEX.formatHex(self.v6().bytes());
    byte[] renew =
        HEX.parseHex(
            "05aabbcc"
                + "0001000a00030001020000000007"
                + "00030028000000010000000000000000"
                + "00050018"
                + old
                + "0000025800000258");
    byte[] asked =
        Packets.udp(IpAddress.parse("fe80::7"), 546, IpAddress.parse("ff02::1:2"), 547, renew);
    assertThat(HEX.formatHex(read(answer(Packets.TYPE_V6, asked)).payload()))
        .contains("0003" + "0044" + "00000001" + "0000001e" + "0000012c")
        .contains(HEX.formatHex(member("self", 9).v6().bytes()) + "0000025800000258")
        .contains(old + "0000000000000000");
  }

  @Test
  void dhcp6GivesTheMembersAddress() {
    byte[] solicit =
        HEX.parseHex(
            "01aabbcc" + "0001000a00030001020000000007" + "0003000c000000010000000000000000");
    byte[] asked =
        Packets.udp(IpAddress.parse("fe80::7"), 546, IpAddress.parse("ff02::1:2"), 547, solicit);
    Received reply = read(answer(Packets.TYPE_V6, asked));
    assertThat(reply.source()).hasToString("fe80::1");
    assertThat(reply.port()).isEqualTo(546);
    String said = HEX.formatHex(reply.payload());
    assertThat(said)
        .startsWith("02aabbcc")
        .contains("0001000a00030001020000000007")
        .contains("00050018" + HEX.formatHex(self.v6().bytes()))
        .contains("00170010" + HEX.formatHex(network.gateway6().bytes()));
    solicit[0] = 11;
    byte[] information =
        Packets.udp(IpAddress.parse("fe80::7"), 546, IpAddress.parse("ff02::1:2"), 547, solicit);
    assertThat(read(answer(Packets.TYPE_V6, information)).payload()[0]).isEqualTo((byte) 7);
  }

  private byte[] query(String name, int type) {
    byte[] question = Neighbours.dnsName(name);
    byte[] message =
        ByteBuffer.allocate(12 + question.length + 4)
            .putInt(0x12340100)
            .putInt(0x00010000)
            .putInt(0)
            .put(question)
            .putShort((short) type)
            .putShort((short) 1)
            .array();
    Received reply =
        read(
            answer(Packets.TYPE_V4, Packets.udp(self.v4(), 5353, network.gateway4(), 53, message)));
    assertThat(reply.sourcePort()).isEqualTo(53);
    assertThat(reply.port()).isEqualTo(5353);
    return reply.payload();
  }

  private static int code(byte[] answer) {
    return answer[3] & 0xf;
  }

  @Test
  void membersAreFoundByName() {
    byte[] four = query("web.mynet.internal", 1);
    assertThat(HEX.formatHex(four)).startsWith("12348500").endsWith("00040a070003");
    assertThat(HEX.formatHex(query("WEB.mynet.internal", 28)))
        .endsWith("0010" + HEX.formatHex(other.v6().bytes()));
    assertThat(code(query("web.mynet.internal", 15))).isZero();
    assertThat(code(query("nobody.mynet.internal", 1))).isEqualTo(3);
    assertThat(code(query("web.other.internal", 1))).isEqualTo(3);
    assertThat(code(query("example.org", 1))).isEqualTo(5);
    assertThat(HEX.formatHex(query("3.0.7.10.in-addr.arpa", 12)))
        .endsWith(HEX.formatHex(Neighbours.dnsName("web.mynet.internal")));
    assertThat(code(query("9.0.7.10.in-addr.arpa", 12))).isEqualTo(3);
    assertThat(code(query("9.0.8.10.in-addr.arpa", 12))).isEqualTo(5);
    StringBuilder nibbles = new StringBuilder();
    for (byte b : other.v6().bytes()) {
      nibbles.insert(0, String.format("%x.%x.", b & 15, (b & 0xff) >> 4));
    }
    assertThat(HEX.formatHex(query(nibbles + "ip6.arpa", 12)))
        .endsWith(HEX.formatHex(Neighbours.dnsName("web.mynet.internal")));
  }

  @Test
  void theGatewayAnswersPings() {
    byte[] ping = Packets.icmp(self.v4(), network.gateway4(), 8, 0, HEX.parseHex("00070001abcd"));
    Received reply = read(answer(Packets.TYPE_V4, ping));
    assertThat(HEX.formatHex(reply.carried(), 4, 10)).isEqualTo("00070001abcd");
    assertThat(reply.icmpType()).isZero();
    byte[] six = Packets.icmp(self.v6(), network.gateway6(), 128, 0, new byte[8]);
    assertThat(read(answer(Packets.TYPE_V6, six)).icmpType()).isEqualTo(129);
  }

  @Test
  void packetsOfTheMemberGoOnAndNoOthers() {
    byte[] sound = Packets.udp(self.v4(), 1000, other.v4(), 2000, new byte[20]);
    assertThat(judge(Packets.TYPE_V4, sound)).isEqualTo(new Verdict.Forward());
    byte[] group = Packets.udp(self.v4(), 5353, IpAddress.parse("224.0.0.251"), 5353, sound);
    assertThat(judge(Packets.TYPE_V4, group)).isEqualTo(new Verdict.Forward());
    byte[] forged = Packets.udp(other.v4(), 1000, self.v4(), 2000, new byte[20]);
    assertThat(judge(Packets.TYPE_V4, forged)).isEqualTo(new Verdict.Dropped(Drop.FOREIGN_SOURCE));
    assertThat(end.judge(table, Packets.frame(CARD, guest.router(), Packets.TYPE_V4, sound)))
        .isEqualTo(new Verdict.Dropped(Drop.FOREIGN_CARD));
    assertThat(judge(0x88cc, sound)).isEqualTo(new Verdict.Dropped(Drop.NOT_IP));
    assertThat(judge(Packets.TYPE_V6, sound)).isEqualTo(new Verdict.Dropped(Drop.MALFORMED));
    byte[] listener = Packets.icmp(self.v6(), IpAddress.parse("ff02::16"), 143, 0, new byte[8]);
    assertThat(judge(Packets.TYPE_V6, listener)).isEqualTo(new Verdict.Dropped(Drop.UNANSWERED));
  }

  @Test
  void sendersLearnWhyAPacketWentNowhere() {
    byte[] sent = Packets.udp(self.v4(), 1000, IpAddress.parse("1.1.1.1"), 53, new byte[2000]);
    Received told =
        read(
            Objects.requireNonNull(
                Icmp.unreachable(network, sent, Icmp.Unreachable.FORBIDDEN), "a message"));
    assertThat(HEX.formatHex(told.carried(), 0, 2)).isEqualTo("030d");
    assertThat(told.source()).isEqualTo(network.gateway4());
    assertThat(told.packet()).hasSize(576);
    byte[] error =
        Objects.requireNonNull(Icmp.unreachable(network, sent, Icmp.Unreachable.HOST), "a message");
    assertThat(Icmp.unreachable(network, error, Icmp.Unreachable.HOST)).as("an error").isNull();
  }

  /// Any frame is judged, and whatever is answered is sound.
  @Test
  void damagedFrames() {
    List<byte[]> samples =
        List.of(
            Packets.frame(MacAddress.BROADCAST, CARD, Packets.TYPE_ARP, arp(self.v4(), other.v4())),
            Packets.frame(
                guest.router(), CARD, Packets.TYPE_V6, solicitation(self.v6(), other.v6())),
            Packets.frame(MacAddress.BROADCAST, CARD, Packets.TYPE_V4, dhcp(1, 0, "")),
            Packets.frame(
                guest.router(),
                CARD,
                Packets.TYPE_V4,
                Packets.icmp(self.v4(), network.gateway4(), 8, 0, new byte[40])));
    int[] answers = new int[1];
    Fuzz.rounds(
        "frames of guests",
        5_000,
        random -> {
          byte[] frame = Fuzz.bytes(random, samples);
          if (end.judge(table, frame) instanceof Verdict.Answer(byte[] answer)) {
            answers[0]++;
            int type = ByteBuffer.wrap(answer).getShort(12) & 0xffff;
            if (type != Packets.TYPE_ARP) {
              read(Arrays.copyOfRange(answer, 14, answer.length));
            }
          }
        });
    assertThat(answers[0]).isPositive();
  }

  /// Payloads of questions to the switch, whose sums would else never be right.
  @Test
  void damagedQuestions() {
    byte[] question = Neighbours.dnsName("web.mynet.internal");
    byte[] dns =
        ByteBuffer.allocate(12 + question.length + 4)
            .putInt(0x12340100)
            .putInt(0x00010000)
            .putInt(0)
            .put(question)
            .putInt(0x00010001)
            .array();
    byte[] other = Neighbours.dnsName("www.example.org");
    byte[] elsewhere =
        ByteBuffer.allocate(12 + other.length + 4)
            .putInt(0x12340100)
            .putInt(0x00010000)
            .putInt(0)
            .put(other)
            .putInt(0x00010001)
            .array();
    byte[] dhcp = read(dhcp(1, 0, "32040a070002370601030f060c1a")).payload();
    byte[] dhcp6 =
        HEX.parseHex(
            "01aabbcc" + "0001000a00030001020000000007" + "0003000c000000010000000000000000");
    Fuzz.rounds(
        "questions to the switch",
        10_000,
        random -> {
          byte[] asked = Fuzz.bytes(random, List.of(dns, elsewhere));
          byte[] names = NameServer.answer(table, asked);
          assertThat(names == null || names.length <= 512 + 512).isTrue();
          // What others may know is what would be refused here, and nothing else.
          assertThat(!NameServer.isForOthers(table, asked) || (names != null && code(names) == 5))
              .isTrue();
          if (asked.length >= 12) {
            assertThat(NameServer.shortened(asked, 40).length).isLessThanOrEqualTo(40);
          }
          byte[] lease = Dhcp.answer(guest, Fuzz.bytes(random, List.of(dhcp)));
          if (lease != null) {
            read(lease);
          }
          byte[] six = Dhcp6.answer(guest, Fuzz.bytes(random, List.of(dhcp6)));
          assertThat(six == null || six.length < 70_000).isTrue();
        });
  }
}
