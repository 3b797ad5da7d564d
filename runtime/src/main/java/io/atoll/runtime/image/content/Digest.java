package io.atoll.runtime.image.content;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// A name that bytes give themselves: `sha256:<64 hex digits>`, or `sha3-256:…`.
public record Digest(Algorithm algorithm, String hex) implements Comparable<Digest> {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /// SHA-256 names content; SHA3-256 is what some publishers and chains list.
  public enum Algorithm {
    SHA256("sha256", "SHA-256"),
    SHA3_256("sha3-256", "SHA3-256");

    private final String word;
    private final String jdkName;

    Algorithm(String word, String jdkName) {
      this.word = word;
      this.jdkName = jdkName;
    }

    public String word() {
      return word;
    }

    public MessageDigest hash() {
      try {
        return MessageDigest.getInstance(jdkName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + jdkName, e);
      }
    }
  }

  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("a digest has 64 hex digits in small letters");
    }
  }

  /// @throws IllegalArgumentException if the text is no digest of a known kind
  @JsonCreator
  public static Digest parse(String text) {
    return find(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "not a digest: '"
                        + text.substring(0, Math.min(100, text.length()))
                        + "'; expected sha256:<64 hex digits> or sha3-256:<64 hex digits>"));
  }

  /// Empty if the text is no digest of a known kind.
  public static Optional<Digest> find(String text) {
    for (Algorithm algorithm : Algorithm.values()) {
      String prefix = algorithm.word + ":";
      if (text.startsWith(prefix) && HEX.matcher(text.substring(prefix.length())).matches()) {
        return Optional.of(new Digest(algorithm, text.substring(prefix.length())));
      }
    }
    return Optional.empty();
  }

  public static Digest sha256(byte[] bytes) {
    return of(Algorithm.SHA256, Algorithm.SHA256.hash().digest(bytes));
  }

  public static Digest sha3(byte[] bytes) {
    return of(Algorithm.SHA3_256, Algorithm.SHA3_256.hash().digest(bytes));
  }

  static Digest of(Algorithm algorithm, byte[] value) {
    return new Digest(algorithm, HexFormat.of().formatHex(value));
  }

  /// The first 12 digits, for people.
  public String brief() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @JsonValue
  @Override
  public String toString() {
    return algorithm.word + ":" + hex;
  }
}
