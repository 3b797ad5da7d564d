package io.atoll.vpn.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/// Each library against the RFC's answer, and all against each other.
class AeadTest {
  @Test
  void eachGivesTheAnswerOfTheRfc() {
    for (AeadSuite suite : AeadSuite.available()) {
      assertThat(AeadSelfTest.passes(suite)).as(suite.name()).isTrue();
    }
  }

  @Test
  void theFastestThatWorksIsChosen() {
    assertThat(AeadSuite.choose().name()).isEqualTo(AeadSuite.available().getFirst().name());
  }

  @Test
  void oneThatAnswersWronglyIsNotChosen() {
    AeadSuite good = new JcaSuite();
    AeadSuite wrong =
        new AeadSuite() {
          @Override
          public String name() {
            return "wrong";
          }

          @Override
          public Aead key(byte[] key) {
            return good.key(key);
          }

          @Override
          public byte[] seal(byte[] key, long counter, byte[] associated, byte[] plain) {
            byte[] sealed = good.seal(key, counter, associated, plain);
            sealed[0] ^= 1;
            return sealed;
          }

          @Override
          public byte[] open(byte[] key, long counter, byte[] associated, byte[] sealed) {
            return good.open(key, counter, associated, sealed);
          }
        };
    assertThat(AeadSelfTest.passes(good)).isTrue();
    assertThat(AeadSelfTest.passes(wrong)).isFalse();
  }

  @Test
  void allAgree() {
    Random random = new Random(7);
    JcaSuite reference = new JcaSuite();
    for (AeadSuite suite : AeadSuite.available()) {
      byte[] key = bytes(random, 32);
      try (Arena arena = Arena.ofConfined();
          Aead aead = suite.key(key);
          Aead other = suite.key(key)) {
        long buffer = arena.allocate(70_000).address();
        for (int round = 0; round < 200; round++) {
          int length = round == 0 ? 65_535 : random.nextInt(2000);
          long counter = random.nextLong() >>> 1;
          byte[] plain = bytes(random, length);
          byte[] expected = reference.seal(key, counter, new byte[0], plain);
          Memory.copy(plain, buffer, length);
          aead.seal(counter, buffer, length, buffer);
          byte[] sealed = new byte[length + Aead.TAG];
          Memory.copy(buffer, sealed, sealed.length);
          assertThat(sealed).isEqualTo(expected);
          assertThat(other.open(counter + 1, buffer, sealed.length, buffer)).isFalse();
          Memory.copy(sealed, buffer, sealed.length);
          assertThat(other.open(counter, buffer, sealed.length, buffer)).isTrue();
          byte[] opened = new byte[length];
          Memory.copy(buffer, opened, length);
          assertThat(opened).isEqualTo(plain);
        }
        assertThat(other.open(0, buffer, Aead.TAG - 1, buffer)).isFalse();
      }
    }
  }

  @Test
  void aPacketLeavesNoGarbage() {
    if (!LibcryptoSuite.present()) {
      throw new TestAbortedException("libcrypto.so.3 is not here");
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Arena arena = Arena.ofConfined();
        Aead sealing = new LibcryptoSuite().key(new byte[32]);
        Aead opening = new LibcryptoSuite().key(new byte[32])) {
      long buffer = arena.allocate(2000).address();
      long before = 0;
      for (int i = 0; i < 30_000; i++) {
        if (i == 20_000) {
          before = threads.getCurrentThreadAllocatedBytes();
        }
        sealing.seal(i, buffer, 1420, buffer);
        if (!opening.open(i, buffer, 1436, buffer)) {
          throw new AssertionError("not opened");
        }
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }
  }

  /// draft-irtf-cfrg-xchacha §2.2.1 and §A.3.1.
  @Test
  void theLongNonceIsAsInTheDraft() {
    byte[] key = new byte[32];
    for (int i = 0; i < 32; i++) {
      key[i] = (byte) i;
    }
    byte[] nonce = Arrays.copyOf(hex("000000090000004a0000000031415927"), 24);
    assertThat(XChaCha.subkey(key, nonce))
        .isEqualTo(hex("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"));
    for (int i = 0; i < 32; i++) {
      key[i] = (byte) (0x80 + i);
    }
    byte[] plain =
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
                + " future, sunscreen would be it.")
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    byte[] associated = hex("50515253c0c1c2c3c4c5c6c7");
    byte[] other = hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    for (AeadSuite suite : AeadSuite.available()) {
      byte[] sealed = XChaCha.seal(suite, key, other, associated, plain);
      assertThat(Arrays.copyOf(sealed, 16)).isEqualTo(hex("bd6d179d3e83d43b9576579493c0e939"));
      assertThat(Arrays.copyOfRange(sealed, plain.length, sealed.length))
          .isEqualTo(hex("c0875924c1c7987947deafd8780acf49"));
      assertThat(XChaCha.open(suite, key, other, associated, sealed)).isEqualTo(plain);
      sealed[3] ^= 4;
      assertThat(XChaCha.open(suite, key, other, associated, sealed)).isNull();
    }
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
