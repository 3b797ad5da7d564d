package io.atoll.p2p.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedPeerRecordTest {
  private static final Identity SELF = Identity.generate();
  private static final List<Multiaddr> ADDRESSES =
      List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5"), Multiaddr.parse("/ip6/::1/udp/6/quic-v1"));

  /// From go-libp2p-core b18a4c9, record/envelope_test.go.
  private static final String GO_ENVELOPE =
      "0a24080112206f1581709bb7b1ef030d210db18e3b0ba1c776fba65d8cdaad05415142d189f812102f6c6962"
          + "7032702f74657374646174611a0c68656c6c6f20776f726c64212a401178673b51dfa842aad17e465e25d6"
          + "46ad16628916b964c3fb10c711fee87872bdd4e4646f58c277cdff09704913d8be1aec6322de8d3d0bb852"
          + "120374aece08";

  /// From go-libp2p-core b18a4c9, peer/record_test.go, with two addresses.
  private static final String GO_RECORD =
      "0a2600240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4109bf59d"
          + "8dd99d8ddb161a0a0a0804010203040600001a0a0a080401020304060001";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void opensTheEnvelopeOfGo() throws Exception {
    Envelope opened = Envelope.open(hex(GO_ENVELOPE), "libp2p-testing", text("/libp2p/testdata"));
    assertThat(opened.payload()).isEqualTo(text("hello world!"));
    assertThat(opened.encode()).isEqualTo(hex(GO_ENVELOPE));
  }

  @Test
  void refusesWhatWasSignedForSomethingElse() {
    byte[] type = text("/libp2p/testdata");
    byte[] changed = hex(GO_ENVELOPE.replace("68656c6c6f", "00006c6c6f"));
    assertThatThrownBy(() -> Envelope.open(changed, "libp2p-testing", type))
        .hasMessageContaining("signature");
    assertThatThrownBy(() -> Envelope.open(hex(GO_ENVELOPE), "libp2p-other", type))
        .hasMessageContaining("signature");
    assertThatThrownBy(() -> Envelope.open(hex(GO_ENVELOPE), "libp2p-testing", text("/other")))
        .hasMessageContaining("something else");
    assertThatThrownBy(() -> Envelope.open(new byte[9000], "libp2p-testing", type))
        .hasMessageContaining("9000 bytes");
  }

  @Test
  void readsTheRecordOfGo() throws Exception {
    PeerRecord record = PeerRecord.decode(hex(GO_RECORD));
    assertThat(record.peer())
        .isEqualTo(PeerId.parse("12D3KooWB1b3qZxWJanuhtseF3DmPggHCtG36KZ9ixkqHtdKH9fh"));
    assertThat(record.seq()).isEqualTo(1636553709551319707L);
    assertThat(record.addresses())
        .map(Multiaddr::toString)
        .containsExactly("/ip4/1.2.3.4/tcp/0", "/ip4/1.2.3.4/tcp/1");
    assertThat(record.encode()).isEqualTo(hex(GO_RECORD));
  }

  @Test
  void opensWhatItSigned() throws Exception {
    SignedPeerRecord signed = SignedPeerRecord.sign(SELF, -1, ADDRESSES);
    SignedPeerRecord opened = SignedPeerRecord.open(signed.encode());
    assertThat(opened).isEqualTo(signed);
    assertThat(opened.peer()).isEqualTo(SELF.id());
    assertThat(opened.record().addresses()).isEqualTo(ADDRESSES);
    // Sequence numbers are unsigned: this is the highest there is.
    assertThat(opened.record().newerThan(new PeerRecord(SELF.id(), 7, ADDRESSES))).isTrue();
  }

  @Test
  void refusesARecordThatSomebodyElseSigned() {
    PeerRecord record = new PeerRecord(Identity.generate().id(), 1, ADDRESSES);
    Envelope forged = Envelope.seal(SELF, "libp2p-peer-record", new byte[] {3, 1}, record.encode());
    assertThatThrownBy(() -> SignedPeerRecord.open(forged.encode()))
        .hasMessageContaining("somebody else");
    assertThatThrownBy(() -> new SignedPeerRecord(record, forged))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void damagedRecords() {
    byte[] good = SignedPeerRecord.sign(SELF, 7, ADDRESSES).encode();
    Fuzz.rounds(
        "peer record",
        5_000,
        random -> {
          byte[] damaged = Fuzz.bytes(random, List.of(good, hex(GO_ENVELOPE), hex(GO_RECORD)));
          try {
            // Whatever is still accepted says what was signed.
            assertThat(SignedPeerRecord.open(damaged).record().addresses()).isEqualTo(ADDRESSES);
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
          try {
            PeerRecord.decode(damaged).encode();
          } catch (ProtocolException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
