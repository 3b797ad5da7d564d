package io.atoll.runtime.signature;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.crypto.Ed25519;
import io.atoll.core.crypto.KeyType;
import io.atoll.core.crypto.PublicKey;
import io.atoll.core.json.Json;
import io.atoll.runtime.image.content.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/// That somebody vouches for an image.
public sealed interface ImageSignature {
  /// No signature file is larger.
  int MOST_BYTES = 64 << 10;

  /// The digest that is signed, as far as the signature says; nothing is verified yet.
  Digest digest();

  /// The JSON text of a signature file.
  byte[] encode();

  /// Ed25519 over the digest.
  record Detached(Digest digest, byte[] key, byte[] signature) implements ImageSignature {
    public Detached {
      key = key.clone();
      signature = signature.clone();
    }

    @Override
    public byte[] key() {
      return key.clone();
    }

    @Override
    public byte[] signature() {
      return signature.clone();
    }

    boolean by(byte[] trusted) {
      return Arrays.equals(trusted, key) && Ed25519.verify(trusted, message(digest), signature);
    }

    @Override
    public byte[] encode() {
      return Json.bytes(new File("ed25519", digest.toString(), text(key), null, text(signature)));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Detached(Digest d, byte[] k, byte[] s)
          && d.equals(digest)
          && Arrays.equals(k, key)
          && Arrays.equals(s, signature);
    }

    @Override
    public int hashCode() {
      return 31 * digest.hashCode() + Arrays.hashCode(signature);
    }
  }

  /// ECDSA over a payload that names the digest, without the key: whoever trusts one tries it.
  record Cosigned(Digest digest, byte[] payload, byte[] signature) implements ImageSignature {
    private static final String TYPE = "cosign container image signature";

    public Cosigned {
      payload = payload.clone();
      signature = signature.clone();
    }

    /// @throws IOException if the payload is none
    public static Cosigned of(byte[] payload, byte[] signature) throws IOException {
      JsonNode critical = Json.mapper().readTree(payload).path("critical");
      Digest digest =
          Digest.find(critical.path("image").path("docker-manifest-digest").asText(""))
              .filter(named -> named.algorithm() == Digest.Algorithm.SHA256)
              .orElseThrow(() -> new IOException("the payload names no digest"));
      if (!critical.path("type").asText("").equals(TYPE)) {
        throw new IOException("the payload is of another type");
      }
      return new Cosigned(digest, payload, signature);
    }

    @Override
    public byte[] payload() {
      return payload.clone();
    }

    @Override
    public byte[] signature() {
      return signature.clone();
    }

    boolean by(byte[] spki) {
      return new PublicKey(KeyType.ECDSA, spki).verify(payload, signature);
    }

    @Override
    public byte[] encode() {
      return Json.bytes(
          new File("cosign", digest.toString(), null, text(payload), text(signature)));
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Cosigned(Digest d, byte[] p, byte[] s)
          && d.equals(digest)
          && Arrays.equals(p, payload)
          && Arrays.equals(s, signature);
    }

    @Override
    public int hashCode() {
      return 31 * digest.hashCode() + Arrays.hashCode(signature);
    }
  }

  /// What is signed for a digest.
  static byte[] message(Digest digest) {
    return ("atoll-image-v1\n" + digest + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /// Reads a signature file. That it is read says nothing of whether it is good.
  ///
  /// @throws IOException if it is none
  static ImageSignature decode(byte[] bytes) throws IOException {
    if (bytes.length > MOST_BYTES) {
      throw new IOException("a signature has at most " + MOST_BYTES + " bytes");
    }
    File file = Json.read(bytes, File.class);
    if (file == null || file.scheme == null || file.digest == null || file.signature == null) {
      throw new IOException("no signature: it lacks scheme, digest or signature");
    }
    try {
      Digest digest = Digest.parse(file.digest);
      byte[] signature = Base64.getDecoder().decode(file.signature);
      if (file.scheme.equals("ed25519") && file.key != null) {
        return new Detached(digest, Base64.getDecoder().decode(file.key), signature);
      }
      if (file.scheme.equals("cosign") && file.payload != null) {
        // The digest is what the payload says, whatever stands beside it.
        return Cosigned.of(Base64.getDecoder().decode(file.payload), signature);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("no signature: " + e.getMessage(), e);
    }
    throw new IOException("a signature of the unknown scheme '" + file.scheme + "'");
  }

  private static String text(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /// The file's fields; absent ones are null.
  record File(
      @org.jspecify.annotations.Nullable String scheme,
      @org.jspecify.annotations.Nullable String digest,
      @org.jspecify.annotations.Nullable String key,
      @org.jspecify.annotations.Nullable String payload,
      @org.jspecify.annotations.Nullable String signature) {}
}
