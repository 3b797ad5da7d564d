package io.atoll.core.audit;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Where a record ends.
///
/// @param seq of its last line; 0 = it has none
/// @param hash SHA-256 of that line, hexadecimal; zeros where there is none
public record AuditEnd(long seq, String hash) {
  public static final AuditEnd NONE = new AuditEnd(0, "0".repeat(64));

  /// The end at a line.
  public static AuditEnd at(long seq, String line) {
    return at(seq, line.getBytes(StandardCharsets.UTF_8));
  }

  public static AuditEnd at(long seq, byte[] line) {
    try {
      return new AuditEnd(
          seq, HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(line)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
