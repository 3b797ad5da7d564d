package io.atoll.p2p.transfer;

import java.util.HexFormat;
import java.util.regex.Pattern;

/// A file as its sender describes it.
///
/// @param id 128 random bits of the sender, hexadecimal
/// @param name one name, which a folder of the receiver can hold
/// @param sha256 of the whole file, hexadecimal
record Offer(String id, String name, long size, String sha256) {
  static final long LARGEST = 1L << 50;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /// @throws IllegalArgumentException with what is wrong, in words for the sender
  Offer {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("the id of an offer has 16 bytes");
    }
    if (!HASH.matcher(sha256).matches()) {
      throw new IllegalArgumentException("the SHA-256 of an offer has 32 bytes");
    }
    if (size < 0 || size > LARGEST) {
      throw new IllegalArgumentException("a file of " + size + " bytes cannot be offered");
    }
    FileName.check(name);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
