package io.atoll.client.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An app's key, without its secret.
///
/// @param revokedAt null while it is good
/// @param publicKey of an app that proves its key, `ed25519:` and base64; null for a secret
public record KeyView(
    String id,
    String name,
    Instant createdAt,
    @Nullable Instant revokedAt,
    @Nullable String publicKey) {}
