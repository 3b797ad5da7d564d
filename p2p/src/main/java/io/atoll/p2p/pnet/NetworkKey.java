package io.atoll.p2p.pnet;

import io.atoll.p2p.transport.Wire;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// The key that all nodes of a private network share. It never prints.
public final class NetworkKey {
  static final int BYTES = 32;
  private static final String HEADER = "/key/swarm/psk/1.0.0/";
  private final byte[] key;

  private NetworkKey(byte[] key) {
    if (key.length != BYTES) {
      throw new IllegalArgumentException(
          "the key of a private network has 32 bytes, this one has " + key.length);
    }
    this.key = key.clone();
  }

  public static NetworkKey generate() {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    return new NetworkKey(key);
  }

  /// Reads a key file, whole.
  ///
  /// @throws IllegalArgumentException that says what is wrong with it
  public static NetworkKey parse(byte[] file) {
    int first = lineEnd(file, 0);
    int second = lineEnd(file, first + 1);
    if (!line(file, 0, first).equals(HEADER)) {
      throw new IllegalArgumentException(
          "not a key of a private network: its first line is not " + HEADER);
    }
    String encoding = line(file, first + 1, second);
    byte[] rest =
        second >= file.length ? new byte[0] : Arrays.copyOfRange(file, second + 1, file.length);
    String text = new String(rest, StandardCharsets.ISO_8859_1).strip();
    try {
      return new NetworkKey(
          switch (encoding) {
            case "/base16/" -> HexFormat.of().parseHex(text);
            case "/base64/" -> Base64.getDecoder().decode(text);
            case "/bin/" -> rest;
            default ->
                throw new IllegalArgumentException(
                    "its second line is /base16/, /base64/ or /bin/");
          });
    } catch (IllegalArgumentException e) {
      // The reason must not repeat the key.
      throw new IllegalArgumentException(
          "not a key of a private network: expected 32 bytes after " + HEADER + " and /base16/");
    }
  }

  /// As a key file in `/base16/`.
  public byte[] encode() {
    var file = new ByteArrayOutputStream();
    file.writeBytes((HEADER + "\n/base16/\n").getBytes(StandardCharsets.US_ASCII));
    file.writeBytes((HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII));
    return file.toByteArray();
  }

  /// What two nodes may compare in public to see whether they have the same key.
  public String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("atoll-private-network:".getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(digest.digest(key), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /// The wire as the members of the network see it. Writes nothing yet.
  public Wire protect(Wire wire) {
    return new ProtectedWire(wire, key);
  }

  private static int lineEnd(byte[] file, int from) {
    int at = Math.min(from, file.length);
    while (at < file.length && file[at] != '\n') {
      at++;
    }
    return at;
  }

  private static String line(byte[] file, int from, int to) {
    return from >= to ? "" : new String(file, from, to - from, StandardCharsets.US_ASCII).strip();
  }

  @Override
  public String toString() {
    return "NetworkKey[" + fingerprint() + "]";
  }
}
