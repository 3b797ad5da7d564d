package io.atoll.daemon.journal;

import io.atoll.core.identity.PeerId;
import io.atoll.market.agreement.Terms;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Somebody whose work this provider takes: a hub that it joined, or a peer that it allows.
///
/// @param addresses multiaddrs where it was reached
/// @param manner how it gives its orders
public record Agreement(
    PeerId hub, List<String> addresses, Terms terms, Instant joinedAt, Manner manner) {
  /// How orders come.
  public enum Manner {
    /// This provider keeps a session to the hub.
    SESSION,
    /// The peer comes with requests of its own (`market.deploy`), and is no hub.
    REQUESTS
  }

  /// @param manner null in what an earlier version wrote
  public Agreement(
      PeerId hub, List<String> addresses, Terms terms, Instant joinedAt, @Nullable Manner manner) {
    this.hub = hub;
    this.addresses = List.copyOf(addresses);
    this.terms = terms;
    this.joinedAt = joinedAt;
    this.manner = manner == null ? Manner.SESSION : manner;
  }

  /// With a hub.
  public Agreement(PeerId hub, List<String> addresses, Terms terms, Instant joinedAt) {
    this(hub, addresses, terms, joinedAt, Manner.SESSION);
  }

  /// With a peer that comes with requests.
  public static Agreement ofRequests(PeerId peer, Terms terms, Instant now) {
    return new Agreement(peer, List.of(), terms, now, Manner.REQUESTS);
  }
}
