package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// Makes an app that proves its key.
///
/// @param name what people call it
/// @param publicKey `ed25519:` and base64 of 32 bytes
public record AppRequest(@Nullable String name, String publicKey) {}
