package io.atoll.vpn.wireguard.crypto;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HexFormat;

/// A known answer, asked of a library before packets are trusted to it: a library may be there and
/// be wrong, as where a processor's instructions are emulated badly.
final class AeadSelfTest {
  /// RFC 8439 §A.5: a message with associated data, whose nonce is one of WireGuard's.
  private static final byte[] KEY =
      hex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
  private static final long COUNTER = 0x0807060504030201L;
  private static final byte[] ASSOCIATED = hex("f33388860000000000004e91");
  private static final byte[] PLAIN =
      hex(
          "496e7465726e65742d4472616674732061726520647261667420646f63756d65"
              + "6e74732076616c696420666f722061206d6178696d756d206f6620736978206d"
              + "6f6e74687320616e64206d617920626520757064617465642c207265706c6163"
              + "65642c206f72206f62736f6c65746564206279206f7468657220646f63756d65"
              + "6e747320617420616e792074696d652e20497420697320696e617070726f7072"
              + "6961746520746f2075736520496e7465726e65742d4472616674732061732072"
              + "65666572656e6365206d6174657269616c206f7220746f206369746520746865"
              + "6d206f74686572207468616e206173202fe2809c776f726b20696e2070726f67"
              + "726573732e2fe2809d");
  private static final byte[] TAG = hex("eead9d67890cbb22392336fea1851f38");

  private AeadSelfTest() {}

  static boolean passes(AeadSuite suite) {
    try {
      return oneMessage(suite) && packets(suite);
    } catch (RuntimeException broken) {
      return false;
    }
  }

  private static boolean oneMessage(AeadSuite suite) {
    byte[] sealed = suite.seal(KEY, COUNTER, ASSOCIATED, PLAIN);
    byte[] tag = Arrays.copyOfRange(sealed, PLAIN.length, sealed.length);
    byte[] opened = suite.open(KEY, COUNTER, ASSOCIATED, sealed);
    return Arrays.equals(tag, TAG) && Arrays.equals(opened, PLAIN);
  }

  /// What packets use must agree with what was just found right; lengths around each block, and
  /// one wrong bit.
  private static boolean packets(AeadSuite suite) {
    try (Arena arena = Arena.ofConfined();
        Aead sealing = suite.key(KEY);
        Aead opening = suite.key(KEY)) {
      long buffer = arena.allocate(PLAIN.length + Aead.TAG).address();
      for (int length = 0; length <= PLAIN.length; length += length % 64 < 2 ? 1 : 31) {
        byte[] plain = Arrays.copyOf(PLAIN, length);
        byte[] expected = suite.seal(KEY, length, new byte[0], plain);
        byte[] got = new byte[expected.length];
        Memory.copy(plain, buffer, length);
        sealing.seal(length, buffer, length, buffer);
        Memory.copy(buffer, got, got.length);
        boolean sealedWell = Arrays.equals(got, expected);
        boolean openedWell = opening.open(length, buffer, got.length, buffer);
        Memory.copy(buffer, plain, length);
        got[length] ^= 1;
        Memory.copy(got, buffer, got.length);
        boolean refused = !opening.open(length, buffer, got.length, buffer);
        if (!sealedWell || !openedWell || !refused || !startsPlain(plain)) {
          return false;
        }
      }
      return true;
    }
  }

  private static boolean startsPlain(byte[] opened) {
    return Arrays.equals(opened, Arrays.copyOf(PLAIN, opened.length));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
