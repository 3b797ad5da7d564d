package io.atoll.daemon.store;

import io.atoll.client.api.InviteView;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An invite. Only its hash is kept.
///
/// @param hash SHA-256 of the secret, hexadecimal
/// @param usedBy peer id or key id that came of it; null while unused
public record InviteRow(
    String id,
    InviteView.Role role,
    String hash,
    Instant createdAt,
    Instant expiresAt,
    @Nullable String usedBy,
    @Nullable Instant revokedAt) {}
