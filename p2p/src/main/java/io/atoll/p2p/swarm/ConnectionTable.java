package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which connection to each peer is the one. Not safe for threads by itself.
///
/// The same rule at both ends leaves the same connection:
/// - one over a relay makes way for a direct one;
/// - dialled again by the same side: that side has lost the old one, so the new one takes its
///   place;
/// - dialled by both sides at the same time: the one that the smaller id dialled stays;
/// - otherwise the newer one stays.
final class ConnectionTable {
  /// Within this time two connections in opposite directions count as dialled at the same time.
  private static final Duration SIMULTANEOUS = Duration.ofSeconds(5);

  private record Entry(Connection connection, long sinceNanos) {}

  /// What is to be done with the connection that lost.
  enum Fate {
    /// Its other end is gone.
    CLOSE,
    /// It works: its streams may end in peace, new ones go elsewhere.
    RETIRE
  }

  record Loser(Connection connection, Fate fate) {}

  private final PeerId self;
  private final Map<PeerId, Entry> entries = new HashMap<>();

  ConnectionTable(PeerId self) {
    this.self = self;
  }

  @Nullable Connection get(PeerId peer) {
    Entry entry = entries.get(peer);
    return entry != null && entry.connection.isOpen() ? entry.connection : null;
  }

  /// Adds a connection; of two, the one that lost is returned.
  @Nullable Loser add(Connection fresh, long nowNanos) {
    Entry entry = new Entry(fresh, nowNanos);
    Entry old = entries.put(fresh.remote(), entry);
    if (old == null || !old.connection.isOpen()) {
      return null;
    }
    if (old.connection.limited() != fresh.limited()) {
      if (fresh.limited()) {
        entries.put(fresh.remote(), old);
      }
      return new Loser(fresh.limited() ? fresh : old.connection, Fate.RETIRE);
    }
    if (old.connection.role() == fresh.role()) {
      return new Loser(old.connection, Fate.CLOSE);
    }
    boolean simultaneous = nowNanos - old.sinceNanos < SIMULTANEOUS.toNanos();
    if (simultaneous && !dialledBySmaller(fresh)) {
      entries.put(fresh.remote(), old);
      return new Loser(fresh, Fate.RETIRE);
    }
    return new Loser(old.connection, Fate.RETIRE);
  }

  void remove(Connection gone) {
    Entry entry = entries.get(gone.remote());
    if (entry != null && entry.connection.equals(gone)) {
      entries.remove(gone.remote());
    }
  }

  List<Connection> all() {
    List<Connection> all = new ArrayList<>();
    entries.values().forEach(entry -> all.add(entry.connection));
    return all;
  }

  private boolean dialledBySmaller(Connection connection) {
    boolean selfIsSmaller = self.compareTo(connection.remote()) < 0;
    return selfIsSmaller == (connection.role() == Role.INITIATOR);
  }
}
