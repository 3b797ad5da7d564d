package io.atoll.p2p.filter;

import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Which peers a node keeps handshakes with. Pure: who asks dials and hangs up.
public final class Handshakes {
  private static final Duration UNMEASURED = Duration.ofDays(1);

  /// @param needed by something that runs: kept whatever it is
  /// @param connected now
  public record Candidate(PeerId peer, PeerFacts facts, boolean needed, boolean connected) {}

  /// @param keep the most wanted first; those that are not connected are to be dialled
  /// @param leave connected, and not to be any more
  public record Choice(List<PeerId> keep, List<PeerId> leave) {
    public Choice {
      keep = List.copyOf(keep);
      leave = List.copyOf(leave);
    }
  }

  private Handshakes() {}

  /// At most `bound` peers, but all that are needed: those that the filter rules out are none; its
  /// own kind goes first, then what may be it; of these what the filter wants, then what is
  /// connected already, so that equals do not take turns, then the nearest.
  ///
  /// @param allowed what this node wants of others
  /// @param ownKind what this node is itself
  public static Choice choose(
      Collection<Candidate> candidates, int bound, PeerFilter allowed, PeerFilter ownKind) {
    Comparator<Candidate> mostWanted =
        Comparator.comparing((Candidate one) -> !one.needed)
            .thenComparing(one -> ownKind.judge(one.facts), Comparator.reverseOrder())
            .thenComparing(one -> allowed.judge(one.facts), Comparator.reverseOrder())
            .thenComparing(one -> !one.connected)
            .thenComparing(one -> one.facts.rtt().orElse(UNMEASURED))
            .thenComparing(Candidate::peer);
    List<Candidate> wanted =
        candidates.stream()
            .filter(one -> one.needed || !allowed.excludes(one.facts))
            .sorted(mostWanted)
            .toList();
    long needed = wanted.stream().filter(Candidate::needed).count();
    List<PeerId> keep =
        wanted.stream().limit(Math.max(bound, needed)).map(Candidate::peer).toList();
    Set<PeerId> kept = Set.copyOf(keep);
    List<PeerId> leave =
        candidates.stream()
            .filter(Candidate::connected)
            .map(Candidate::peer)
            .filter(peer -> !kept.contains(peer))
            .sorted()
            .toList();
    return new Choice(keep, leave);
  }
}
