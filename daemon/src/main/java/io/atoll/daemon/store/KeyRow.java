package io.atoll.daemon.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An app's key. Of one that is a secret only the hash is kept.
///
/// @param id public name of the key, `k` (or `a`, if it has a public key) and characters of base32
/// @param hash SHA-256 of the secret, hexadecimal; empty for one that has none
/// @param revokedAt null while it is good
/// @param publicKey of Ed25519, base64, for an app that proves its key; null for a secret. Rows of
///     before have none
public record KeyRow(
    String id,
    String name,
    String hash,
    Instant createdAt,
    @Nullable Instant revokedAt,
    @Nullable String publicKey) {

  /// One that is a secret.
  public KeyRow(
      String id, String name, String hash, Instant createdAt, @Nullable Instant revokedAt) {
    this(id, name, hash, createdAt, revokedAt, null);
  }

  public KeyRow revoked(Instant at) {
    return new KeyRow(id, name, hash, createdAt, at, publicKey);
  }
}
