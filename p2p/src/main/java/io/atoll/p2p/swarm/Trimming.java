package io.atoll.p2p.swarm;

import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Role;
import java.util.Comparator;
import java.util.List;

/// Which connections go where there are too many. Pure: who asks closes them.
final class Trimming {
  /// @param value what the peer is worth
  record Candidate(Connection connection, long ageNanos, boolean isProtected, int value) {}

  private static final Comparator<Candidate> LEAST_FIRST =
      Comparator.comparingInt(Candidate::value)
          .thenComparing(candidate -> candidate.connection.streams() > 0)
          .thenComparing(candidate -> candidate.connection.role() == Role.INITIATOR)
          .thenComparing(Comparator.comparingLong(Candidate::ageNanos).reversed());

  private Trimming() {}

  /// None unless there are more than the high mark; then as many as lead to the low one, and those
  /// first that are worth least, that carry nothing, that others dialled, that are oldest.
  static List<Connection> least(List<Candidate> all, Watermarks marks) {
    if (all.size() <= marks.high()) {
      return List.of();
    }
    return all.stream()
        .filter(candidate -> !candidate.isProtected)
        .filter(candidate -> candidate.ageNanos >= marks.grace().toNanos())
        .sorted(LEAST_FIRST)
        .limit(all.size() - marks.low())
        .map(Candidate::connection)
        .toList();
  }
}
