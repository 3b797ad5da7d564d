package io.atoll.client.api;

import org.jspecify.annotations.Nullable;

/// Asks for an invite.
///
/// @param role `provider` (absent: this) or `app`
/// @param validFor time span; absent: 24 h
/// @param peer peer id of the provider that alone may use it; absent: whoever has it
public record InviteRequest(
    @Nullable String role, @Nullable String validFor, @Nullable String peer) {
  public InviteRequest(@Nullable String role, @Nullable String validFor) {
    this(role, validFor, null);
  }
}
