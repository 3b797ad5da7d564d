package io.atoll.runtime.signature;

import io.atoll.core.crypto.Ed25519;
import io.atoll.runtime.image.content.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// One line of a trust policy. Its text is what users write, and what they get back.
public sealed interface TrustRule {
  /// Everything: `*`.
  record Any() implements TrustRule {
    @Override
    public String toString() {
      return "*";
    }
  }

  /// These very bytes: `sha256:…` or `sha3-256:…`.
  record Hash(Digest digest) implements TrustRule {
    @Override
    public String toString() {
      return digest.toString();
    }
  }

  /// Whatever this key signed: `ed25519:<base64 of 32 bytes>`.
  record Key(byte[] key) implements TrustRule {
    public Key {
      if (key.length != Ed25519.KEY_BYTES) {
        throw new IllegalArgumentException("an Ed25519 key has 32 bytes");
      }
      key = key.clone();
    }

    @Override
    public byte[] key() {
      return key.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key(byte[] o) && Arrays.equals(o, key);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(key);
    }

    @Override
    public String toString() {
      return "ed25519:" + Base64.getEncoder().encodeToString(key);
    }
  }

  /// Whatever cosign signed with this key: `cosign:<base64 of its SubjectPublicKeyInfo>`, which is
  /// what stands between the lines of `cosign.pub`.
  record Cosign(byte[] spki) implements TrustRule {
    private static final int P256_BITS = 256;

    public Cosign {
      spki = spki.clone();
      try {
        var key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
        if (!(key instanceof ECPublicKey ec)
            || ec.getParams().getOrder().bitLength() != P256_BITS) {
          throw new IllegalArgumentException("a cosign key is an ECDSA key on P-256");
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("not a public key of cosign", e);
      }
    }

    @Override
    public byte[] spki() {
      return spki.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Cosign(byte[] o) && Arrays.equals(o, spki);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(spki);
    }

    @Override
    public String toString() {
      return "cosign:" + Base64.getEncoder().encodeToString(spki);
    }
  }

  /// @throws IllegalArgumentException if it is none; the message says what to write
  static TrustRule parse(String text) {
    String trimmed = text.strip();
    if (trimmed.equals("*")) {
      return new Any();
    }
    Optional<Digest> digest = Digest.find(trimmed);
    if (digest.isPresent()) {
      return new Hash(digest.get());
    }
    if (trimmed.startsWith("ed25519:")) {
      return new Key(Base64.getDecoder().decode(trimmed.substring("ed25519:".length())));
    }
    if (trimmed.startsWith("cosign:")) {
      return new Cosign(Base64.getDecoder().decode(trimmed.substring("cosign:".length())));
    }
    if (trimmed.contains("BEGIN PUBLIC KEY")) {
      return new Cosign(
          Base64.getMimeDecoder().decode(trimmed.replaceAll("-----[A-Z ]+-----", "")));
    }
    throw new IllegalArgumentException(
        "not a rule of trust: '"
            + trimmed.substring(0, Math.min(80, trimmed.length()))
            + "'; write *, sha256:…, sha3-256:…, ed25519:… or cosign:…");
  }
}
