package io.atoll.p2p.transfer;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One file between this node and a peer, as it stands.
///
/// @param id the same on both nodes; two senders never share one
/// @param name as the receiver knows it
/// @param done bytes that the receiver has; while HASHING those that were read
/// @param code why it failed; null unless FAILED
/// @param detail one phrase for people; may be empty
/// @param file what is sent, or where it lies once DONE; null while it is taken or only offered
/// @param sha256 hexadecimal; empty while HASHING
public record Transfer(
    String id,
    Direction direction,
    PeerId peer,
    String name,
    long size,
    long done,
    State state,
    @Nullable ErrorCode code,
    String detail,
    @Nullable Path file,
    String sha256,
    Instant createdAt,
    Instant changedAt) {

  public enum Direction {
    OUT,
    IN
  }

  /// ```
  /// out  HASHING → WAITING ⇄ OFFERED → MOVING → DONE
  ///                   ↑___________________|
  /// in             OFFERED → MOVING ⇄ WAITING → DONE        any → FAILED
  /// ```
  public enum State {
    /// The file is read for its hash.
    HASHING,
    /// The peer is not there; it goes on when it is.
    WAITING,
    /// The receiver's owner has not decided.
    OFFERED,
    MOVING,
    DONE,
    FAILED;

    public boolean ended() {
      return this == DONE || this == FAILED;
    }
  }
}
