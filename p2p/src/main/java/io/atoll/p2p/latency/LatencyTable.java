package io.atoll.p2p.latency;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Round trips that count now, bounded. Whoever asks says what time it is. Safe for threads.
public final class LatencyTable {
  /// A new sample's part of what is kept: one bad ping does not move a neighbour away.
  private static final int SMOOTHING = 8;

  /// What became of a report.
  public enum Verdict {
    TAKEN,
    /// The same author said something newer.
    OLDER,
    EXPIRED,
    /// Measured later than now.
    FUTURE,
    /// What this node measured itself it does not learn from others.
    OWN,
    /// All room is taken by authors that this node has measured itself, and this one is not.
    NO_ROOM
  }

  private record Sample(Duration smoothed, Instant at) {}

  private final PeerId self;
  private final LatencyBounds bounds;

  // Under the lock of this object; the oldest first.
  private final LinkedHashMap<PeerId, Sample> own = new LinkedHashMap<>();
  private final LinkedHashMap<PeerId, LatencyReport> reports = new LinkedHashMap<>();

  public LatencyTable(PeerId self, LatencyBounds bounds) {
    this.self = self;
    this.bounds = bounds;
  }

  /// This node pinged a peer.
  public synchronized void measured(PeerId peer, Duration roundTrip, Instant now) {
    if (peer.equals(self) || !roundTrip.isPositive()) {
      return;
    }
    Sample before = own.remove(peer);
    Duration smoothed =
        before == null || !live(before.at, now)
            ? roundTrip
            : before.smoothed.multipliedBy(SMOOTHING - 1).plus(roundTrip).dividedBy(SMOOTHING);
    own.putLast(peer, new Sample(smoothed, now));
    if (own.size() > bounds.own()) {
      own.pollFirstEntry();
    }
  }

  /// Takes what another node signed.
  public synchronized Verdict learn(LatencyReport report, Instant now) {
    PeerId author = report.author();
    if (author.equals(self)) {
      return Verdict.OWN;
    }
    if (report.measured().isAfter(now.plus(bounds.skew()))) {
      return Verdict.FUTURE;
    }
    if (!live(report.measured(), now)) {
      return Verdict.EXPIRED;
    }
    LatencyReport before = reports.get(author);
    if (before != null && !report.measured().isAfter(before.measured())) {
      return Verdict.OLDER;
    }
    if (before == null && reports.size() >= bounds.reports() && !makeRoom(author, now)) {
      return Verdict.NO_ROOM;
    }
    reports.remove(author);
    reports.putLast(author, report);
    return Verdict.TAKEN;
  }

  /// Those go first that do not count any more, then the oldest of a stranger. Strangers, who cost
  /// nothing to make, do not drive out those that this node knows.
  private boolean makeRoom(PeerId author, Instant now) {
    if (reports.values().removeIf(report -> !live(report.measured(), now))) {
      return true;
    }
    Optional<PeerId> stranger =
        reports.keySet().stream().filter(peer -> !own.containsKey(peer)).findFirst();
    if (stranger.isPresent()) {
      reports.remove(stranger.get());
      return true;
    }
    if (own.containsKey(author)) {
      reports.pollFirstEntry();
      return true;
    }
    return false;
  }

  /// The round trip between two nodes, either of which may be this one.
  public synchronized Optional<Latency> between(PeerId a, PeerId b, Instant now) {
    if (a.equals(b)) {
      return Optional.of(new Latency(Duration.ZERO, true));
    }
    if (a.equals(self) || b.equals(self)) {
      PeerId other = a.equals(self) ? b : a;
      Sample sample = own.get(other);
      if (sample != null && live(sample.at, now)) {
        return Optional.of(new Latency(sample.smoothed, true));
      }
      return Optional.ofNullable(said(other, self, now)).map(rtt -> new Latency(rtt, false));
    }
    Duration there = said(a, b, now);
    Duration back = said(b, a, now);
    if (there == null || back == null) {
      return Optional.ofNullable(there == null ? back : there).map(rtt -> new Latency(rtt, false));
    }
    return Optional.of(new Latency(there.compareTo(back) > 0 ? there : back, true));
  }

  private @Nullable Duration said(PeerId author, PeerId of, Instant now) {
    LatencyReport report = reports.get(author);
    return report == null || !live(report.measured(), now) ? null : report.roundTrips().get(of);
  }

  /// What this node measured that counts now.
  public synchronized Map<PeerId, Duration> own(Instant now) {
    Map<PeerId, Duration> live = new HashMap<>();
    own.forEach(
        (peer, sample) -> {
          if (live(sample.at, now)) {
            live.put(peer, sample.smoothed);
          }
        });
    return live;
  }

  /// Nodes of which something is known that counts now: first those that this node measured, then
  /// those that said something, then those that others measured.
  public synchronized Set<PeerId> nodes(int most, Instant now) {
    SequencedSet<PeerId> nodes = new LinkedHashSet<>(own(now).keySet());
    List<LatencyReport> live =
        reports.values().stream().filter(report -> live(report.measured(), now)).toList();
    live.forEach(report -> nodes.add(report.author()));
    live.forEach(report -> nodes.addAll(report.roundTrips().keySet()));
    nodes.remove(self);
    return nodes.stream().limit(most).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// What this node tells others: its nearest peers.
  public LatencyReport report(Identity identity, Instant now) {
    Map<PeerId, Duration> nearest = new LinkedHashMap<>();
    own(now).entrySet().stream()
        .sorted(
            Comparator.comparing(Map.Entry<PeerId, Duration>::getValue)
                .thenComparing(Map.Entry::getKey))
        .limit(LatencyReport.MAX_ENTRIES)
        .forEach(entry -> nearest.put(entry.getKey(), entry.getValue()));
    return LatencyReport.sign(identity, now, nearest);
  }

  /// Forgets what does not count any more.
  public synchronized void expire(Instant now) {
    own.values().removeIf(sample -> !live(sample.at, now));
    reports.values().removeIf(report -> !live(report.measured(), now));
  }

  /// How many peers this node measured and how many reports it holds, whether they count or not.
  public synchronized Size size() {
    return new Size(own.size(), reports.size());
  }

  public record Size(int own, int reports) {}

  private boolean live(Instant measured, Instant now) {
    return measured.plus(bounds.lifetime()).isAfter(now);
  }
}
