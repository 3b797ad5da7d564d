package io.atoll.client.api;

import java.time.Instant;

/// Serves as a key for a while, as long as the app is not revoked.
///
/// @param app id of the app
public record TokenView(String token, String app, Instant expiresAt) {}
