package io.atoll.daemon.golem;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.identity.PeerId;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// That a key may have activities on a node, by one of its drivers.
///
/// @param demand id of the demand it came from
/// @param wanted the demand's properties
/// @param constraints the demand's
/// @param offered the offer's properties
/// @param validTo as asked for, repeated as it is
/// @param changedAt when it came into its state
record AgreementNote(
    String id,
    String keyId,
    PeerId node,
    String driver,
    State state,
    String demand,
    JsonNode wanted,
    String constraints,
    JsonNode offered,
    @Nullable String validTo,
    @Nullable String session,
    Instant createdAt,
    Instant changedAt,
    @Nullable Instant approvedAt) {
  /// In Golem's words.
  enum State {
    PROPOSAL,
    APPROVED,
    REJECTED,
    CANCELLED,
    TERMINATED;

    String word() {
      return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
    }
  }

  /// The provider's id in this agreement and no other.
  String provider() {
    return NodeIds.agreement(node, id);
  }

  AgreementNote now(State next, @Nullable String bySession, Instant at) {
    return new AgreementNote(
        id,
        keyId,
        node,
        driver,
        next,
        demand,
        wanted,
        constraints,
        offered,
        validTo,
        bySession == null ? session : bySession,
        createdAt,
        at,
        next == State.APPROVED ? at : approvedAt);
  }
}
