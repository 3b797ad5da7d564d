package io.atoll.daemon.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/// Secrets of keys and invites, and their hashes, which is all that is kept of them.
public final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private Secrets() {}

  /// 256 random bits, base64url.
  public static String secret() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// A public name: a letter for its kind and eight characters of base32.
  public static String id(char kind) {
    StringBuilder text = new StringBuilder().append(kind);
    for (int i = 0; i < 8; i++) {
      text.append(ALPHABET.charAt(RANDOM.nextInt(32)));
    }
    return text.toString();
  }

  /// A name as [#id] makes them, which the same text always gets.
  public static String idOf(char kind, String text) {
    String digits = hash(text);
    StringBuilder id = new StringBuilder().append(kind);
    for (int i = 0; i < 8; i++) {
      id.append(ALPHABET.charAt(Integer.parseInt(digits, 2 * i, 2 * i + 2, 16) % 32));
    }
    return id.toString();
  }

  /// SHA-256, hexadecimal. The secrets are random, so that no salt is needed.
  public static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
