package io.atoll.client.api;

/// The answer to a challenge.
///
/// @param publicKey `ed25519:` and base64 of 32 bytes
/// @param signature base64
public record TokenRequest(String publicKey, String challenge, String signature) {}
