package io.atoll.p2p.security.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.p2p.transport.Role;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The published vectors of `Noise_XX_25519_ChaChaPoly_SHA256` with an empty prologue, without and
/// with payloads.
class NoiseVectorTest {
  private HandshakeXX initiator;
  private HandshakeXX responder;

  @BeforeEach
  void start() throws Exception {
    initiator =
        new HandshakeXX(
            Role.INITIATOR,
            pair("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            pair("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"));
    responder =
        new HandshakeXX(
            Role.RESPONDER,
            pair("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"),
            pair("4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60"));
  }

  @Test
  void withoutPayloads() throws Exception {
    run(
        new String[] {"", "", ""},
        "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254",
        "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a8"
            + "16d6e8346d4ea17a6f2a0bb4ef4ed56c133cff4560a34e36ea82109f26cf2e5a5caf992b608d55c747"
            + "f615e5a3425a7a19eefb8f",
        "87f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d97e5ea11b16f3968710b23a3b"
            + "e3202dc1b5e1ce3c963347491e74f5c0768a9b42");
  }

  @Test
  void withPayloads() throws Exception {
    run(
        new String[] {"746573745f6d73675f30", "746573745f6d73675f31", "746573745f6d73675f32"},
        "358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254746573745f6d73675f30",
        "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a8"
            + "16d6e8346d4ea17a6f2a0bb4ef4ed56c133cff4572e7a2ba5123ac30618b3d205f5c2d17f50cbca216"
            + "483ac56bcc78e33bf520303278db641e5e731b2e3a",
        "87f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d9f27e318e43ba630594c4d08e"
            + "eb3b36d97c7377a2f4f9144b2f0c8095ad92140505b2ab53eff244b14138");
  }

  @Test
  void aChangedMessageIsRefused() throws Exception {
    responder.readFirst(initiator.writeFirst(new byte[0]));
    byte[] second = responder.writeSecond(new byte[] {1, 2, 3});
    for (int at = 0; at < second.length; at++) {
      byte[] changed = second.clone();
      changed[at] ^= 1;
      start();
      initiator.writeFirst(new byte[0]);
      assertThatThrownBy(() -> initiator.readSecond(changed))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }

  @Test
  void aPointOfSmallOrderIsRefused() {
    assertThatThrownBy(
            () -> {
              responder.readFirst(new byte[32]);
              responder.writeSecond(new byte[0]);
            })
        .isInstanceOf(GeneralSecurityException.class);
  }

  private void run(String[] payloads, String first, String second, String third) throws Exception {
    byte[] message = initiator.writeFirst(bytes(payloads[0]));
    assertThat(hex(message)).isEqualTo(first);
    assertThat(responder.readFirst(message)).isEqualTo(bytes(payloads[0]));
    message = responder.writeSecond(bytes(payloads[1]));
    assertThat(hex(message)).isEqualTo(second);
    assertThat(initiator.readSecond(message)).isEqualTo(bytes(payloads[1]));
    message = initiator.writeThird(bytes(payloads[2]));
    assertThat(hex(message)).isEqualTo(third);
    assertThat(responder.readThird(message)).isEqualTo(bytes(payloads[2]));

    var here = initiator.split();
    var there = responder.split();
    assertThat(sealed(here.send(), "yellowsubmarine"))
        .isEqualTo("a52ef02ba60e12696d1d6b9ef4245c88fca757b6134ad6e76b56e310a6adf6");
    assertThat(sealed(there.send(), "submarineyellow"))
        .isEqualTo("2445aa438ebd649281c636cc7269ca82f1d9023d72520943aeabf909cdf521");
    byte[] plain = new byte[15];
    byte[] record = bytes("a52ef02ba60e12696d1d6b9ef4245c88fca757b6134ad6e76b56e310a6adf6");
    there.receive().open(new byte[0], record, 0, record.length, plain, 0);
    assertThat(new String(plain)).isEqualTo("yellowsubmarine");
  }

  private static String sealed(CipherState cipher, String text) throws Exception {
    byte[] out = new byte[text.length() + CipherState.TAG];
    cipher.seal(new byte[0], text.getBytes(), 0, text.length(), out, 0);
    return hex(out);
  }

  private static X25519.Pair pair(String scalar) throws GeneralSecurityException {
    return X25519.pair(bytes(scalar));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
