package io.atoll.vpn.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PrimitivesTest {
  /// RFC 7693 §B.
  @Test
  void blake2sIsAsInTheRfc() {
    assertThat(Blake2s.hash("a".getBytes(StandardCharsets.US_ASCII), hex("6263")))
        .isEqualTo(hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"));
  }

  /// Those with which wireguard-go tests its own.
  @Test
  void keysAreDerivedAsStockWireGuardDoes() {
    derives(
        "746573742d6b6579",
        "746573742d696e707574",
        "6f0e5ad38daba1bea8a0d213688736f19763239305e0f58aba697f9ffc41c633",
        "df1194df20802a4fe594cde27e92991c8cae66c366e8106aaa937a55fa371e8a",
        "fac6e2745a325f5dc5d11a5b165aad08b0ada28e7b4e666b7c077934a4d76c24");
    derives(
        "776972656775617264",
        "776972656775617264",
        "491d43bbfdaa8750aaf535e334ecbfe5129967cd64635101c566d4caefda96e8",
        "1e71a379baefd8a79aa4662212fcafe19a23e2b609a3db7d6bcba8f560e3d25f",
        "31e1ae48bddfbe5de38f295e5452b1909a1b4e38e183926af3780b0c1e1f0160");
    derives(
        "",
        "",
        "8387b46bf43eccfcf349552a095d8315c4055beb90208fb1be23b894bc2ed5d0",
        "58a0e5f6faefccf4807bff1f05fa8a9217945762040bcec2f4b4a62bdfe0e86e",
        "0ce6ea98ec548f8e281e93e32db65621c45eb18dc6f0a7ad94178610a2f7338e");
  }

  private static void derives(String key, String input, String... expected) {
    for (int count = 1; count <= 3; count++) {
      byte[][] keys = Blake2s.kdf(count, hex(key), hex(input));
      assertThat(keys).hasNumberOfRows(count);
      for (int i = 0; i < count; i++) {
        assertThat(keys[i]).isEqualTo(hex(expected[i]));
      }
    }
  }

  /// RFC 7748 §6.1.
  @Test
  void twoKeysAgreeAsInTheRfc() {
    PrivateKey bob =
        new PrivateKey(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    assertThat(bob.publicKey().bytes())
        .isEqualTo(hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    assertThat(bob.agree(hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")))
        .isEqualTo(hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
  }

  @Test
  void aPointOfSmallOrderGivesNoSecret() {
    PrivateKey key = PrivateKey.random(new SecureRandom());
    assertThat(key.agree(new byte[32])).isNull();
    byte[] one = new byte[32];
    one[0] = 1;
    assertThat(key.agree(one)).isNull();
  }

  @Test
  void keysAreTextAsWgPrintsThem() {
    PrivateKey key = PrivateKey.random(new SecureRandom());
    String text = key.publicKey().toString();
    assertThat(text).hasSize(44).endsWith("=");
    assertThat(PublicKey.parse(text + "\n")).isEqualTo(key.publicKey());
    assertThatThrownBy(() -> PublicKey.parse("AAAA")).hasMessageContaining("32 bytes");
    assertThatThrownBy(() -> PublicKey.parse("no key")).hasMessageContaining("base64");
  }

  @Test
  void secretsDoNotPrint() {
    byte[] scalar = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    String base64 = java.util.Base64.getEncoder().encodeToString(scalar);
    assertThat(new PrivateKey(scalar).toString()).doesNotContain(base64).doesNotContain("5dab");
    assertThat(new PresharedKey(scalar).toString()).doesNotContain(base64).doesNotContain("5dab");
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
