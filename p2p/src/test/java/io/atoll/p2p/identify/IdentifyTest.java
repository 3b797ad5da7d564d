package io.atoll.p2p.identify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Uvarint;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.record.SignedPeerRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdentifyTest {
  private static final Identity IDENTITY = Identity.generate();
  private static final Identified SELF =
      new Identified(
          Optional.of(IDENTITY.publicKey()),
          List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5"), Multiaddr.parse("/ip6/::1/tcp/6")),
          List.of("/a/1", "/b/2"),
          Optional.of(Multiaddr.parse("/ip4/9.8.7.6/tcp/5")),
          "test/1",
          "agent/2",
          Optional.of(
              SignedPeerRecord.sign(IDENTITY, 7, List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/5")))));

  private static byte[] written(Identified self) throws IOException {
    var out = new ByteArrayOutputStream();
    Identify.write(out, self);
    return out.toByteArray();
  }

  private static Identified read(byte[] bytes) throws IOException {
    return Identify.read(new ByteArrayInputStream(bytes));
  }

  @Test
  void readsWhatItWrites() throws Exception {
    assertThat(read(written(SELF))).isEqualTo(SELF);
  }

  @Test
  void mergesMessagesAndSkipsWhatItDoesNotKnow() throws Exception {
    var message = new ByteArrayOutputStream();
    CodedOutputStream fields = CodedOutputStream.newInstance(message);
    fields.writeByteArray(2, new byte[] {(byte) 0xff, 0x7f});
    fields.writeByteArray(2, Multiaddr.parse("/ip4/1.1.1.1/tcp/1").bytes());
    fields.writeString(3, "/c/3");
    fields.writeByteArray(
        4, Multiaddr.parse("/ip4/3.3.3.3/tcp/3").withPeer(IDENTITY.id().text()).bytes());
    fields.writeString(99, "from the future");
    fields.flush();
    var both = new ByteArrayOutputStream();
    both.writeBytes(written(SELF));
    Uvarint.write(both, message.size());
    both.writeBytes(message.toByteArray());
    Identified merged = read(both.toByteArray());
    assertThat(merged.listen()).hasSize(3).last().hasToString("/ip4/1.1.1.1/tcp/1");
    assertThat(merged.protocols()).containsExactly("/a/1", "/b/2", "/c/3");
    // js puts the peer id of the dialler there.
    assertThat(merged.observed()).map(Multiaddr::toString).contains("/ip4/3.3.3.3/tcp/3");
    assertThat(merged.agentVersion()).isEqualTo("agent/2");
  }

  @Test
  void aRecordThatDoesNotFitGoesInAMessageOfItsOwn() throws Exception {
    List<Multiaddr> many =
        IntStream.range(1, 300)
            .mapToObj(port -> Multiaddr.parse("/ip6/2001:db8::7/tcp/" + port))
            .toList();
    var self =
        new Identified(
            Optional.empty(),
            many,
            List.of(),
            Optional.empty(),
            "",
            "",
            Optional.of(SignedPeerRecord.sign(IDENTITY, 1, many.subList(0, 150))));
    byte[] bytes = written(self);
    assertThat(bytes.length).isGreaterThan(8 << 10);
    assertThat(read(bytes)).isEqualTo(self);
  }

  @Test
  void aRecordWithAWrongSignatureIsRefused() throws Exception {
    byte[] bytes = written(SELF);
    bytes[bytes.length - 1] ^= 1;
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("signature");
  }

  @Test
  void boundsWhatItReads() {
    byte[] huge = {(byte) 0xff, (byte) 0xff, 0x7f};
    assertThatThrownBy(() -> read(huge)).isInstanceOf(ProtocolException.class);
    assertThatThrownBy(() -> read(new byte[0])).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> read(new byte[] {9, 1})).isInstanceOf(EOFException.class);
    var many =
        new Identified(
            Optional.empty(),
            List.of(),
            Collections.nCopies(600, "/p"),
            Optional.empty(),
            "",
            "",
            Optional.empty());
    assertThatThrownBy(() -> read(written(many))).hasMessageContaining("more than 512 entries");
    var large =
        new Identified(
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            "",
            "x".repeat(9000),
            Optional.empty());
    assertThatThrownBy(() -> written(large)).isInstanceOf(IOException.class);
  }

  @Test
  void noiseIsRefused() throws Exception {
    byte[] good = written(SELF);
    Fuzz.rounds(
        "identify",
        20_000,
        random -> {
          try {
            assertThat(read(Fuzz.bytes(random, List.of(good)))).isNotNull();
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
