package io.atoll.core.term;

import java.util.random.RandomGenerator;

/// The text of ids that are made up at random.
final class RandomWord {
  private static final String CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

  private RandomWord() {}

  /// A letter that tells the kind, and twelve characters of Crockford's base32: 60 random bits.
  static String of(char kind, RandomGenerator random) {
    long bits = random.nextLong();
    StringBuilder text = new StringBuilder().append(kind);
    for (int i = 0; i < 12; i++) {
      text.append(CROCKFORD.charAt((int) (bits >>> (5 * i)) & 31));
    }
    return text.toString();
  }
}
