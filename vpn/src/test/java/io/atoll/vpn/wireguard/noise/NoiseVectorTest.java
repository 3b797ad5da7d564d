package io.atoll.vpn.wireguard.noise;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The published vector of `Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s` in cacophony's format, which
/// several implementations of Noise test themselves with.
class NoiseVectorTest {
  private static final byte[] PROLOGUE = hex("4a6f686e2047616c74");
  private static final PresharedKey PSK =
      new PresharedKey(hex("54686973206973206d7920417573747269616e20706572737065637469766521"));
  private static final PrivateKey INITIATOR =
      new PrivateKey(hex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"));
  private static final PrivateKey INITIATORS_EPHEMERAL =
      new PrivateKey(hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"));
  private static final PrivateKey RESPONDER =
      new PrivateKey(hex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"));
  private static final PrivateKey RESPONDERS_EPHEMERAL =
      new PrivateKey(hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"));

  private static final byte[] FIRST_PAYLOAD = hex("4c756477696720766f6e204d69736573");
  private static final byte[] FIRST =
      hex(
          "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
              + "001e21de9f98ddd8e2ad57527207feb56253c9c94a9e496782ecfcb2a75fbcaf"
              + "1b52948cc48daefe660c62119ab5000980c84831215f2441eba616548e832985"
              + "464cf17e51ee93109008399a21f7e13f");
  private static final byte[] SECOND_PAYLOAD = hex("4d757272617920526f746862617264");
  private static final byte[] SECOND =
      hex(
          "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
              + "cb765f2caef0751b8f007572dab0322217755c0632f365717edbf34d33e87a");
  /// What the vector calls the handshake's hash is that after the responder's ephemeral point.
  private static final byte[] HASH =
      hex("fe20f6e898ad41a1f4290b0f0ff97261b9536f0d5d95f5237e2a322f0d784414");

  /// Payload and ciphertext; the initiator's and the responder's in turn.
  private static final String[][] TRANSPORT = {
    {"462e20412e20486179656b", "8153ca9833bc3c1b91a7e66e5f4d4f5b59bf9e64c2f20d15f0bba7"},
    {"4361726c204d656e676572", "07af0c9c86e1b4e80f36b04ff7688d51141af3debd0332f0a705ef"},
    {
      "4a65616e2d426170746973746520536179",
      "6ab1467c0448cc78394494abaaf23afce0e234315d6e2624dcbfa8a21c1c4d073d"
    },
    {
      "457567656e2042f6686d20766f6e2042617765726b",
      "dfc346c0d2296ae6cf1acf6f12b8456a1dba228cf8d8b774aacf1c47fc53aa80ebc7a4c292"
    }
  };

  @Test
  void theVectorPassesWithEachLibrary() {
    for (AeadSuite suite : AeadSuite.available()) {
      Initiator initiator = begin(suite, FIRST_PAYLOAD);
      assertThat(initiator.message()).isEqualTo(FIRST);
      Responder responder =
          Objects.requireNonNull(Responder.read(suite, PROLOGUE, RESPONDER, FIRST));
      assertThat(responder.initiator()).isEqualTo(INITIATOR.publicKey());
      assertThat(responder.payload(shared())).isEqualTo(FIRST_PAYLOAD);
      Responder.Answer answer =
          Objects.requireNonNull(responder.answer(RESPONDERS_EPHEMERAL, PSK, SECOND_PAYLOAD));
      assertThat(answer.message()).isEqualTo(SECOND);

      SymmetricState half = initiator.state();
      half.mixEphemeral(Arrays.copyOf(SECOND, PublicKey.BYTES));
      assertThat(half.hash()).isEqualTo(HASH);
      SymmetricState read = initiator.state();
      assertThat(initiator.read(read, SECOND, PSK)).isEqualTo(SECOND_PAYLOAD);
      TransportKeys keys = Objects.requireNonNull(initiator.finish(SECOND, PSK));
      assertThat(keys.receive()).isEqualTo(answer.keys().send());
      for (int i = 0; i < TRANSPORT.length; i++) {
        byte[] key = i % 2 == 0 ? keys.send() : keys.receive();
        assertThat(suite.seal(key, i / 2, new byte[0], hex(TRANSPORT[i][0])))
            .isEqualTo(hex(TRANSPORT[i][1]));
      }
    }
  }

  @Test
  void aWrongPresharedKeyOrAChangedBitIsNoticed() {
    AeadSuite suite = AeadSuite.choose();
    Initiator initiator = begin(suite, FIRST_PAYLOAD);
    assertThat(initiator.finish(SECOND, PresharedKey.NONE)).isNull();
    for (int i = 0; i < SECOND.length; i++) {
      byte[] changed = SECOND.clone();
      changed[i] ^= 0x20;
      assertThat(initiator.finish(changed, PSK)).as("byte " + i).isNull();
    }
    // What failed has not hurt: the true answer is still taken.
    assertThat(initiator.finish(SECOND, PSK)).isNotNull();
    for (int i = 0; i < FIRST.length; i++) {
      byte[] changed = FIRST.clone();
      changed[i] ^= 0x20;
      Responder responder = Responder.read(suite, PROLOGUE, RESPONDER, changed);
      assertThat(responder == null || responder.payload(shared()) == null).as("byte " + i).isTrue();
    }
  }

  private static Initiator begin(AeadSuite suite, byte[] payload) {
    PublicKey to = RESPONDER.publicKey();
    return Objects.requireNonNull(
        Initiator.begin(suite, PROLOGUE, INITIATOR, to, shared(), INITIATORS_EPHEMERAL, payload));
  }

  private static byte[] shared() {
    return Objects.requireNonNull(INITIATOR.agree(RESPONDER.publicKey().bytes()));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
