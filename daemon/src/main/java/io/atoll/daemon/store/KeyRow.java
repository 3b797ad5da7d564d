package io.atoll.daemon.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An app's key. Only its hash is kept.
///
/// @param id public name of the key, `k` and characters of base32
/// @param hash SHA-256 of the secret, hexadecimal
/// @param revokedAt null while it is good
public record KeyRow(
    String id, String name, String hash, Instant createdAt, @Nullable Instant revokedAt) {}
