package io.atoll.core.multiformat;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.crypto.KeyVector;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.identity.PeerId;
import io.atoll.core.testing.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Every parser of foreign bytes either throws `IllegalArgumentException` or returns what prints
/// and
/// parses to the same again.
class MultiformatFuzzTest {
  private static final int ROUNDS = 20_000;
  private static final List<String> ADDRESSES =
      List.of(
          "/ip4/127.0.0.1/tcp/4001",
          "/ip6/2001:db8::1/udp/1/quic-v1/webtransport/certhash/uEiAx",
          "/dns4/example.org/tcp/443/wss/p2p/" + KeyVector.ED25519.peerId() + "/p2p-circuit",
          "/unix/run/atoll.sock",
          "/memory/9");

  @Test
  void multiaddrBytes() {
    List<byte[]> samples = ADDRESSES.stream().map(text -> Multiaddr.parse(text).bytes()).toList();
    Fuzz.rounds(
        "multiaddr bytes",
        ROUNDS,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          try {
            Multiaddr address = Multiaddr.parse(bytes);
            assertThat(Multiaddr.parse(address.bytes())).isEqualTo(address);
            assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  @Test
  void multiaddrText() {
    List<byte[]> samples = ADDRESSES.stream().map(String::getBytes).toList();
    Fuzz.rounds(
        "multiaddr text",
        ROUNDS,
        random -> {
          String text = new String(Fuzz.bytes(random, samples), StandardCharsets.UTF_8);
          try {
            Multiaddr address = Multiaddr.parse(text);
            assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
            assertThat(Multiaddr.parse(address.bytes())).isEqualTo(address);
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).doesNotContain("\n");
          }
        });
  }

  @Test
  void peerIds() {
    List<byte[]> samples = new ArrayList<>();
    for (KeyVector vector : KeyVector.values()) {
      samples.add(vector.peerId().getBytes(StandardCharsets.US_ASCII));
      samples.add(vector.cid().getBytes(StandardCharsets.US_ASCII));
    }
    Fuzz.rounds(
        "peer ids",
        ROUNDS,
        random -> {
          String text = new String(Fuzz.bytes(random, samples), StandardCharsets.UTF_8);
          try {
            PeerId id = PeerId.parse(text);
            assertThat(PeerId.parse(id.text())).isEqualTo(id);
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }

  @Test
  void publicKeys() {
    List<byte[]> samples = new ArrayList<>();
    for (KeyVector vector : KeyVector.values()) {
      samples.add(vector.key());
    }
    byte[] message = {1};
    Fuzz.rounds(
        "public keys",
        2_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, samples);
          try {
            PublicKey key = PublicKey.decode(bytes);
            assertThat(PublicKey.decode(key.encode())).isEqualTo(key);
            assertThat(key.verify(message, Fuzz.bytes(random, List.of()))).isFalse();
          } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          }
        });
  }
}
