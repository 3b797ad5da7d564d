package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// Asks for an invite.
///
/// @param role `provider` (absent: this) or `app`
/// @param validFor time span; absent: 24 h
public record InviteRequest(@Nullable String role, @Nullable String validFor) {}
