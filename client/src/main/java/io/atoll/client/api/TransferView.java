package io.atoll.client.api;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A file between this daemon and a peer.
///
/// @param id the same on both sides
/// @param direction OUT or IN
/// @param done bytes that the receiver has; while HASHING those that were read
/// @param state HASHING, WAITING, OFFERED, MOVING, DONE or FAILED
/// @param code why it failed; null otherwise
/// @param file what is sent, or where it lies once DONE; null otherwise
/// @param sha256 hexadecimal; empty while HASHING
public record TransferView(
    String id,
    String direction,
    PeerId peer,
    String name,
    long size,
    long done,
    String state,
    @Nullable ErrorCode code,
    String detail,
    @Nullable String file,
    String sha256,
    Instant createdAt,
    Instant changedAt) {
  /// Whether nothing more happens to it.
  public boolean hasEnded() {
    return state.equals("DONE") || state.equals("FAILED");
  }
}
