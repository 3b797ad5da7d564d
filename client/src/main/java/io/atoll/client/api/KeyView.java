package io.atoll.client.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An app's key, without its secret.
///
/// @param revokedAt null while it is good
public record KeyView(String id, String name, Instant createdAt, @Nullable Instant revokedAt) {}
