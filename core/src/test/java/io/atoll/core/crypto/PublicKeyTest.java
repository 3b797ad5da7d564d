package io.atoll.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PublicKeyTest {
  private static final byte[] MESSAGE = "atoll".getBytes(StandardCharsets.US_ASCII);

  @ParameterizedTest
  @EnumSource
  void readsAndWritesTheKeysOfTheSpecification(KeyVector vector) {
    PublicKey key = PublicKey.decode(vector.key());
    assertThat(key.type()).isEqualTo(vector.type());
    assertThat(key.encode()).isEqualTo(vector.key());
    assertThat(key).isEqualTo(new PublicKey(key.type(), key.data()));
  }

  @ParameterizedTest
  @EnumSource
  void verifiesWhatOthersSigned(KeyVector vector) {
    PublicKey key = PublicKey.decode(vector.key());
    byte[] signature = vector.signature();
    assertThat(key.verify(MESSAGE, signature)).isTrue();
    assertThat(key.verify("atolL".getBytes(StandardCharsets.US_ASCII), signature)).isFalse();
    assertThat(key.verify(MESSAGE, new byte[0])).isFalse();
    for (int at : new int[] {0, signature.length / 2, signature.length - 1}) {
      byte[] changed = signature.clone();
      changed[at] ^= 1;
      assertThat(key.verify(MESSAGE, changed)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKeyThatIsNoneVerifiesNothing(KeyVector vector) {
    byte[] data = PublicKey.decode(vector.key()).data();
    for (int i = vector == KeyVector.SECP256K1 ? 1 : 0; i < data.length; i++) {
      data[i] = (byte) 0xff;
    }
    assertThat(new PublicKey(vector.type(), data).verify(MESSAGE, vector.signature())).isFalse();
  }

  @Test
  void signsAsOthersDo() {
    // The seed of the specification's Ed25519 private key: Ed25519 is deterministic.
    byte[] seed =
        HexFormat.of().parseHex("7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d");
    assertThat(Ed25519.sign(seed, MESSAGE)).isEqualTo(KeyVector.ED25519.signature());
    assertThat(Ed25519.publicKey(seed)).isEqualTo(PublicKey.decode(KeyVector.ED25519.key()).data());
  }

  @Test
  void refusesKeysOfTheWrongSize() {
    assertThatThrownBy(() -> new PublicKey(KeyType.ED25519, new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PublicKey(KeyType.RSA, new byte[5000]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PublicKey.decode(new byte[] {8, 9}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PublicKey.decode(new byte[] {8}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
