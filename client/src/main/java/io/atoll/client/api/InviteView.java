package io.atoll.client.api;

import io.atoll.core.identity.PeerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An invite: one string that lets one provider join, or gives one app a key. Single-use.
///
/// @param state OPEN, USED, EXPIRED or REVOKED
/// @param peer who alone may use it, and needs no secret for that; null = whoever has it
/// @param invite the string itself; only in the answer that creates it
public record InviteView(
    String id,
    Role role,
    String state,
    Instant createdAt,
    Instant expiresAt,
    @Nullable PeerId peer,
    @Nullable String usedBy,
    @Nullable String invite) {
  public enum Role {
    PROVIDER,
    APP
  }

  /// The same with another string.
  public InviteView withInvite(String text) {
    return new InviteView(id, role, state, createdAt, expiresAt, peer, usedBy, text);
  }
}
