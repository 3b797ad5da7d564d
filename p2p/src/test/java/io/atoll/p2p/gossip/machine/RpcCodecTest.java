package io.atoll.p2p.gossip.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.Identity;
import io.atoll.core.testing.Fuzz;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RpcCodecTest {
  private static final Identity AUTHOR = Identity.generate();
  private static final GossipMessage MESSAGE =
      GossipMessage.sign(AUTHOR, "atoll/offers", ByteString.copyFromUtf8("data"), 7);
  private static final MessageId ID = MESSAGE.id();
  private static final Rpc RPC =
      new Rpc(
          List.of(new Rpc.Subscription(true, "atoll/offers"), new Rpc.Subscription(false, "other")),
          List.of(MESSAGE),
          List.of(new Rpc.IHave("atoll/offers", List.of(ID, ID))),
          List.of(ID),
          List.of("atoll/offers"),
          List.of(
              new Rpc.Prune(
                  "atoll/offers",
                  List.of(
                      new Rpc.Suggestion(
                          ByteString.copyFrom(AUTHOR.id().bytes()), ByteString.copyFromUtf8("r"))),
                  60)),
          List.of(ID));

  @Test
  void whatIsWrittenIsRead() {
    assertThat(RpcCodec.decode(RpcCodec.encode(RPC))).isEqualTo(RPC);
  }

  @Test
  void bytesOfTheVersionBefore() {
    assertThat(RpcCodec.decode(HexFormat.of().parseHex("0a0508011201741a051a030a0174")))
        .isEqualTo(
            new Rpc(
                List.of(new Rpc.Subscription(true, "t")),
                List.of(),
                List.of(),
                List.of(),
                List.of("t"),
                List.of(),
                List.of()));
  }

  @Test
  void theIdIsTheAuthorAndTheNumber() {
    assertThat(ID.bytes().toByteArray())
        .startsWith(AUTHOR.id().bytes())
        .endsWith(0, 0, 0, 0, 0, 0, 0, 7)
        .hasSize(38 + 8);
  }

  @Test
  void signaturesAreChecked() throws Exception {
    assertThat(MESSAGE.signed()).isTrue();
    ByteString.Output extended = ByteString.newOutput();
    MESSAGE.bytes().writeTo(extended);
    CodedOutputStream out = CodedOutputStream.newInstance(extended);
    out.writeString(99, "unknown, and not signed");
    out.flush();
    assertThat(GossipMessage.decode(extended.toByteString()).signed()).isFalse();
    // The key may be there too, and must be the author's.
    assertThat(withKey(AUTHOR).signed()).isTrue();
    assertThat(withKey(Identity.generate()).signed()).isFalse();
    GossipMessage stolen =
        GossipMessage.decode(
            GossipMessage.encode(
                ByteString.copyFrom(Identity.generate().id().bytes()),
                MESSAGE.data(),
                MESSAGE.seqno(),
                MESSAGE.topic(),
                MESSAGE.signature()));
    assertThat(stolen.signed()).isFalse();
  }

  private static GossipMessage withKey(Identity identity) throws Exception {
    ByteString.Output extended = ByteString.newOutput();
    MESSAGE.bytes().writeTo(extended);
    CodedOutputStream out = CodedOutputStream.newInstance(extended);
    out.writeByteArray(6, identity.publicKey().encode());
    out.flush();
    return GossipMessage.decode(extended.toByteString());
  }

  @Test
  void tooMuchIsRefused() {
    assertThatThrownBy(() -> RpcCodec.decode(new byte[RpcCodec.MAX_RPC + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    Rpc many =
        new Rpc(
            java.util.Collections.nCopies(1025, new Rpc.Subscription(true, "t")),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of());
    assertThatThrownBy(() -> RpcCodec.decode(RpcCodec.encode(many)))
        .hasMessageContaining("more than 1024");
  }

  @Test
  void damagedRpcs() {
    List<byte[]> samples = List.of(RpcCodec.encode(RPC), RpcCodec.encode(Rpc.publishing(MESSAGE)));
    Fuzz.rounds(
        "gossip RPCs",
        20_000,
        random -> {
          try {
            Rpc rpc = RpcCodec.decode(Fuzz.bytes(random, samples));
            assertThat(RpcCodec.decode(RpcCodec.encode(rpc))).isEqualTo(rpc);
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  @Test
  void damagedMessages() {
    Fuzz.rounds(
        "gossip messages",
        2_000,
        random -> {
          try {
            GossipMessage message =
                GossipMessage.decode(
                    ByteString.copyFrom(
                        Fuzz.bytes(random, List.of(MESSAGE.bytes().toByteArray()))));
            if (message.wellFormed() && message.signed()) {
              assertThat(message.data()).isEqualTo(MESSAGE.data());
              assertThat(message.id()).isEqualTo(ID);
            }
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
