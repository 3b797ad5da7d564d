package io.atoll.client.api;

/// Asks for something to sign.
///
/// @param publicKey `ed25519:` and base64 of 32 bytes
public record ChallengeRequest(String publicKey) {}
