package io.atoll.daemon.store;

import io.atoll.client.api.InviteView;
import io.atoll.core.identity.PeerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// An invite. Only its hash is kept.
///
/// @param hash SHA-256 of the secret, hexadecimal; of one for a certain peer, which has no secret,
///     `peer:` and its id, so that no secret has that hash
/// @param usedBy peer id or key id that came of it; null while unused
public record InviteRow(
    String id,
    InviteView.Role role,
    String hash,
    Instant createdAt,
    Instant expiresAt,
    @Nullable String usedBy,
    @Nullable Instant revokedAt) {
  private static final String PEER = "peer:";

  /// The hash of an invite for a peer that proves who it is by its key alone.
  public static String hashOf(PeerId peer) {
    return PEER + peer;
  }

  /// For whom alone it is; null where it is for whoever has its secret.
  public @Nullable PeerId peer() {
    return hash.startsWith(PEER) ? new PeerId(hash.substring(PEER.length())) : null;
  }
}
