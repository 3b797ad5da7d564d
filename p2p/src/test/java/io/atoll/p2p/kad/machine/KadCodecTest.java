package io.atoll.p2p.kad.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class KadCodecTest {
  private static final Identity AUTHOR = Identity.generate();
  private static final Contact PEER =
      Contact.of(
          AUTHOR.id(),
          List.of(
              Multiaddr.parse("/ip4/10.0.0.7/tcp/4001"),
              Multiaddr.parse("/ip6/2001:db8::1/udp/1/quic-v1")));
  private static final ByteString KEY = SignedRecord.key("offer", AUTHOR.id());
  private static final ByteString VALUE =
      SignedRecord.sign(
          AUTHOR, KEY, 7, Instant.parse("2026-01-02T00:00:00Z"), ByteString.copyFromUtf8("data"));
  private static final List<KadMessage> MESSAGES =
      List.of(
          KadMessage.of(KadMessage.Type.PING, ByteString.EMPTY),
          KadMessage.of(KadMessage.Type.PUT_VALUE, KEY)
              .withRecord(new KadRecord(KEY, VALUE, "2026-01-01T00:00:00Z")),
          KadMessage.of(KadMessage.Type.FIND_NODE, KEY).withCloser(List.of(PEER, PEER)),
          KadMessage.of(KadMessage.Type.GET_PROVIDERS, KEY).withProviders(List.of(PEER)));

  @Test
  void whatIsWrittenIsRead() {
    for (KadMessage message : MESSAGES) {
      assertThat(KadCodec.decode(KadCodec.encode(message))).isEqualTo(message);
    }
  }

  @Test
  void bytesOfTheVersionBefore() {
    // A GET_VALUE of `/pk/x`, and a PUT_VALUE whose type, being 0, is not on the wire.
    assertThat(KadCodec.decode(HexFormat.of().parseHex("080112052f706b2f78")))
        .isEqualTo(KadMessage.of(KadMessage.Type.GET_VALUE, ByteString.copyFromUtf8("/pk/x")));
    assertThat(KadCodec.decode(HexFormat.of().parseHex("1201611a060a0161120162")))
        .isEqualTo(
            KadMessage.of(KadMessage.Type.PUT_VALUE, ByteString.copyFromUtf8("a"))
                .withRecord(
                    new KadRecord(ByteString.copyFromUtf8("a"), ByteString.copyFromUtf8("b"), "")));
  }

  @Test
  void tooMuchIsRefused() {
    assertThatThrownBy(() -> KadCodec.decode(new byte[KadCodec.MAX_MESSAGE + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    KadMessage many =
        KadMessage.of(KadMessage.Type.FIND_NODE, KEY)
            .withCloser(java.util.Collections.nCopies(65, PEER));
    assertThatThrownBy(() -> KadCodec.decode(KadCodec.encode(many)))
        .hasMessageContaining("more than 64 peers");
  }

  @Test
  void damagedMessages() {
    List<byte[]> samples = MESSAGES.stream().map(KadCodec::encode).toList();
    Fuzz.rounds(
        "kad messages",
        20_000,
        random -> {
          try {
            KadMessage message = KadCodec.decode(Fuzz.bytes(random, samples));
            assertThat(KadCodec.decode(KadCodec.encode(message))).isEqualTo(message);
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  @Test
  void damagedRecords() {
    Validators validators = Validators.standard();
    ByteString publicKey = ByteString.copyFrom(AUTHOR.publicKey().encode());
    ByteString peerKey =
        ByteString.copyFromUtf8("/pk/").concat(ByteString.copyFrom(AUTHOR.id().bytes()));
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    Fuzz.rounds(
        "kad records",
        2_000,
        random -> {
          boolean signed = random.nextBoolean();
          ByteString sample = signed ? VALUE : publicKey;
          ByteString value = ByteString.copyFrom(Fuzz.bytes(random, List.of(sample.toByteArray())));
          ByteString key = signed ? KEY : peerKey;
          if (validators.judge(key, value, now) instanceof Validator.Verdict.Valid) {
            // What was changed without a trace is not part of what counts.
            if (signed) {
              assertThat(SignedRecord.open(value)).isEqualTo(SignedRecord.open(VALUE));
            }
          }
        });
  }
}
