package io.atoll.p2p.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.mdns.MdnsPacket.Answer;
import io.atoll.p2p.mdns.MdnsPacket.Query;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MdnsPacketTest {
  private static final PeerId ALICE = Identity.generate().id();
  private static final ServiceTag TAG = ServiceTag.STANDARD;
  private static final String NAME = "abcdefghijklmnopqrstuvwxyz012345";
  private static final byte[] HOST = {10, 0, 0, 7};

  /// What `dig -p 5353 @224.0.0.251 PTR _p2p._udp.local` and js-libp2p ask.
  private static final byte[] QUESTION =
      HexFormat.of().parseHex("000000000001000000000000045f703270045f756470056c6f63616c00000c0001");

  private static byte[] answer(String... texts) {
    return MdnsPacket.answer(TAG, NAME, List.of(texts), 120, HOST);
  }

  private static String text(String address) {
    return "dnsaddr=" + address + "/p2p/" + ALICE;
  }

  @Test
  void aQuestionIsWrittenAndRead() throws Exception {
    assertThat(MdnsPacket.query(TAG)).isEqualTo(QUESTION);
    assertThat(MdnsPacket.decode(QUESTION)).isEqualTo(new Query(List.of("_p2p._udp.local")));
    // Names of DNS are the same in any case; the answer may be wanted directly (top bit of class).
    byte[] loud = QUESTION.clone();
    loud[14] = 'P';
    loud[loud.length - 2] = (byte) 0x80;
    assertThat(MdnsPacket.decode(loud)).isEqualTo(new Query(List.of("_p2p._udp.local")));
  }

  @Test
  void anAnswerIsWrittenAndRead() throws Exception {
    MdnsPacket read = MdnsPacket.decode(answer("a=b", text("/ip4/10.0.0.7/tcp/1")));
    String instance = NAME + "._p2p._udp.local";
    assertThat(read)
        .isEqualTo(
            new Answer(
                Map.of(TAG.name(), List.of(instance)),
                Map.of(instance, List.of("a=b", text("/ip4/10.0.0.7/tcp/1")))));
  }

  /// As other programs compress names: the second one points at the first.
  @Test
  void compressedNamesAreRead() throws Exception {
    byte[] packet =
        HexFormat.of()
            .parseHex(
                "000084000000000200000000"
                    + "045f703270045f756470056c6f63616c00"
                    + "000c000100000078000401 61 c00c".replace(" ", "")
                    + "c027 0010 8001 00000078 0004 03613d62".replace(" ", ""));
    assertThat(MdnsPacket.decode(packet))
        .isEqualTo(
            new Answer(
                Map.of(TAG.name(), List.of("a._p2p._udp.local")),
                Map.of("a._p2p._udp.local", List.of("a=b"))));
  }

  @Test
  void whatIsNoMdnsIsRefused() {
    for (String bad :
        List.of(
            "",
            "0000",
            "000084000000000100000000", // a record is missing
            "00000800000000000000ffff", // another operation
            "000084030000000000000000", // an error
            "0000000000010000000000000cc00c000c0001", // a name that points at itself
            "00008400ffffffffffffffff")) {
      assertThatThrownBy(() -> MdnsPacket.decode(HexFormat.of().parseHex(bad)))
          .as(bad)
          .isInstanceOf(ProtocolException.class);
    }
    assertThatThrownBy(() -> MdnsPacket.decode(new byte[MdnsPacket.MAX_BYTES + 1]))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void whatWasTakenBackDoesNotCount() throws Exception {
    byte[] gone = MdnsPacket.answer(TAG, NAME, List.of(text("/ip4/10.0.0.7/tcp/1")), 0, HOST);
    assertThat(Texts.read((Answer) MdnsPacket.decode(gone), TAG, true)).isEmpty();
  }

  @Test
  void ofTheTextsOnlyWhatLeadsToAPeerHereCounts() throws Exception {
    Answer answer =
        (Answer)
            MdnsPacket.decode(
                answer(
                    text("/ip4/10.0.0.7/tcp/1"),
                    text("/ip6/fd00::7/udp/1/quic-v1"),
                    text("/ip4/127.0.0.1/tcp/1"),
                    text("/ip4/10.0.0.7/tcp/1/p2p/" + ALICE + "/p2p-circuit"),
                    text("/dns4/example.org/tcp/1"),
                    text("/unheard-of/1"),
                    "dnsaddr=/ip4/10.0.0.7/tcp/1",
                    "dnsaddr=",
                    "other=/ip4/10.0.0.7/tcp/1/p2p/" + ALICE));
    List<Multiaddr> near =
        List.of(
            Multiaddr.parse("/ip4/10.0.0.7/tcp/1"), Multiaddr.parse("/ip6/fd00::7/udp/1/quic-v1"));
    assertThat(Texts.read(answer, TAG, false)).containsExactly(new FoundPeer(ALICE, near));
    assertThat(Texts.read(answer, TAG, true).getFirst().addresses())
        .contains(Multiaddr.parse("/ip4/127.0.0.1/tcp/1"));
    assertThat(Texts.read(answer, ServiceTag.ofRendezvous("other"), true)).isEmpty();
  }

  @Test
  void anAnswerFitsIntoOneFrameHoweverManyAddressesThereAre() throws Exception {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add("/ip4/10.0.0." + i + "/tcp/7464/p2p/" + ALICE);
    }
    many.addFirst("/ip4/127.0.0.1/tcp/7464/p2p/" + ALICE);
    List<String> texts = Texts.of(ALICE, many, false);
    assertThat(texts).hasSizeBetween(8, 16).first().isEqualTo(text("/ip4/10.0.0.0/tcp/7464"));
    assertThat(MdnsPacket.answer(TAG, NAME, texts, 120, HOST)).hasSizeLessThan(1450);
    assertThat(Texts.of(ALICE, many, true).getFirst()).contains("127.0.0.1");
  }

  @Test
  void manyPeersInOneAnswerAreCut() throws Exception {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      texts.add("dnsaddr=/ip4/10.0.0.7/tcp/1/p2p/" + Identity.generate().id());
    }
    texts.addAll(Collections.nCopies(30, text("/ip4/10.0.0.7/tcp/1")));
    Answer answer = (Answer) MdnsPacket.decode(answer(texts.toArray(String[]::new)));
    assertThat(Texts.read(answer, TAG, false)).hasSize(8);
  }

  @Test
  void aRendezvousNameMakesItsOwnTag() {
    assertThat(ServiceTag.ofRendezvous("")).isEqualTo(ServiceTag.STANDARD);
    ServiceTag a = ServiceTag.ofRendezvous("a");
    assertThat(a).isEqualTo(ServiceTag.ofRendezvous("a"));
    assertThat(a).isNotEqualTo(ServiceTag.ofRendezvous("b"));
    assertThat(a.name()).matches("_p2p-[a-z2-7]{11}\\._udp\\.local").isNotEqualTo("a");
    assertThat(ServiceTag.ofRendezvous("Ü/ with spaces\n").name()).matches("[a-z0-9._-]+");
    assertThatThrownBy(() -> new ServiceTag("p2p.local")).hasMessageContaining("_p2p._udp.local");
  }

  @Test
  void damagedPackets() {
    List<byte[]> samples =
        List.of(
            QUESTION,
            answer(text("/ip4/10.0.0.7/tcp/1"), text("/ip4/127.0.0.1/udp/1/quic-v1")),
            answer("a=b".repeat(80)),
            HexFormat.of()
                .parseHex(
                    "000084000000000200000000045f703270045f756470056c6f63616c00"
                        + "000c00010000007800040161c00cc0270010800100000078000403613d62"),
            "dnsaddr=/ip4/1.2.3.4/tcp/5/p2p/".getBytes(StandardCharsets.UTF_8));
    Fuzz.rounds(
        "mdns packets",
        20_000,
        random -> {
          try {
            if (MdnsPacket.decode(Fuzz.bytes(random, samples)) instanceof Answer answer) {
              for (FoundPeer found : Texts.read(answer, TAG, random.nextBoolean())) {
                assertThat(found.addresses()).isNotEmpty().hasSizeLessThanOrEqualTo(16);
              }
            }
          } catch (ProtocolException refused) {
            assertThat(refused).hasMessageContaining("DNS");
          }
        });
  }
}
