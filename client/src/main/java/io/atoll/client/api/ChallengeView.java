package io.atoll.client.api;

import java.time.Instant;

/// Something to sign, once.
///
/// @param hub peer id of the hub, which is signed, too
/// @param expiresAt until when the answer is taken; signed, too
public record ChallengeView(String challenge, String hub, Instant expiresAt) {}
