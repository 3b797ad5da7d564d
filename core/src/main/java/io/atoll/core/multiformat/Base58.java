package io.atoll.core.multiformat;

import java.util.Arrays;

/// base58btc: bitcoin's alphabet, a leading `1` for each leading zero byte.
public final class Base58 {
  private static final String ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  private static final byte[] VALUES = new byte[128];

  /// The work grows with the square of the length, so text from strangers is bounded.
  private static final int MAX_CHARS = 512;

  static {
    Arrays.fill(VALUES, (byte) -1);
    for (int i = 0; i < ALPHABET.length(); i++) {
      VALUES[ALPHABET.charAt(i)] = (byte) i;
    }
  }

  private Base58() {}

  public static String encode(byte[] bytes) {
    int zeros = 0;
    while (zeros < bytes.length && bytes[zeros] == 0) {
      zeros++;
    }
    byte[] digits = new byte[bytes.length * 138 / 100 + 1];
    int used = 0;
    for (int i = zeros; i < bytes.length; i++) {
      int carry = bytes[i] & 0xff;
      int d = 0;
      for (; d < used || carry != 0; d++) {
        carry += 256 * digits[d];
        digits[d] = (byte) (carry % 58);
        carry /= 58;
      }
      used = d;
    }
    var text = new StringBuilder(zeros + used);
    text.repeat('1', zeros);
    for (int d = used - 1; d >= 0; d--) {
      text.append(ALPHABET.charAt(digits[d]));
    }
    return text.toString();
  }

  public static byte[] decode(String text) {
    if (text.length() > MAX_CHARS) {
      throw new IllegalArgumentException("base58 text is longer than " + MAX_CHARS);
    }
    int zeros = 0;
    while (zeros < text.length() && text.charAt(zeros) == '1') {
      zeros++;
    }
    byte[] reversed = new byte[text.length()];
    int used = 0;
    for (int i = zeros; i < text.length(); i++) {
      char c = text.charAt(i);
      int carry = c < 128 ? VALUES[c] : -1;
      if (carry < 0) {
        throw new IllegalArgumentException("not base58: character " + (i + 1));
      }
      int d = 0;
      for (; d < used || carry != 0; d++) {
        carry += 58 * (reversed[d] & 0xff);
        reversed[d] = (byte) carry;
        carry >>>= 8;
      }
      used = d;
    }
    byte[] bytes = new byte[zeros + used];
    for (int d = 0; d < used; d++) {
      bytes[zeros + d] = reversed[used - 1 - d];
    }
    return bytes;
  }
}
