package io.atoll.vpn.path;

import io.atoll.core.identity.PeerId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses the way to one node. Times are nanoseconds of a clock that only grows. One thread.
public final class PathMachine {
  /// How many addresses are tried; of those heard the oldest goes first.
  static final int MOST = 24;

  /// And how many relays.
  static final int MOST_RELAYS = 4;

  private static final long SECOND = 1_000_000_000L;

  /// Ways are tried for so long after something was to be sent.
  static final long INTEREST = 120 * SECOND;

  /// And for so long after the node said that it tries; that alone makes nobody say so in turn.
  private static final long COURTESY = 10 * SECOND;

  /// Another way has to be better by a fifth and by this to be worth the change.
  private static final long WORTH = 2_000_000L;

  /// Between calls while no address answers; the last goes on for ever.
  private static final long[] CALL_EVERY = {
    SECOND, 2 * SECOND, 5 * SECOND, 15 * SECOND, 60 * SECOND
  };

  private static final Path NOWHERE = new Path.Nowhere();

  private final RandomGenerator random;

  /// In the order in which they became known. Few, and gone through for each event, by number: an
  /// iterator for each would be most of the garbage that a path makes.
  private List<Trial> trials = new ArrayList<>(0);

  private boolean stream;
  private long now = Long.MIN_VALUE;
  private long wantedAt = Long.MIN_VALUE;
  private long askedAt = Long.MIN_VALUE;
  private long calledAt = Long.MIN_VALUE;
  private int calls;
  private @Nullable InetSocketAddress lastHeard;
  private @Nullable InetSocketAddress told;
  private Path path = NOWHERE;
  private boolean proven;
  private String why = "nothing was tried yet";

  /// @param random of which tokens are made that nobody guesses
  public PathMachine(RandomGenerator random) {
    this.random = random;
  }

  public List<PathAction> step(long time, PathEvent event) {
    now = Math.max(now, time);
    switch (event) {
      case PathEvent.Tick() -> {}
      case PathEvent.Wanted() -> wanted();
      case PathEvent.Called() -> called();
      case PathEvent.Moved() -> again();
      case PathEvent.Known(List<Candidate> candidates) -> known(candidates);
      case PathEvent.Relays(List<PeerId> relays) -> relays(relays);
      case PathEvent.Streams(boolean there) -> stream = there;
      case PathEvent.Answered(Path over, long token) -> {
        Trial trial = find(over);
        if (trial != null) {
          trial.answered(now, token);
        }
      }
      case PathEvent.Heard(Path over) -> heard(over);
      case PathEvent.Asked(InetSocketAddress from) -> met(new Path.Direct(from));
      case PathEvent.Refused(Path over, String reason) -> {
        Trial trial = find(over);
        if (trial != null) {
          trial.refused(reason);
        }
      }
    }
    List<PathAction> actions = new ArrayList<>();
    choose(actions);
    probe(actions);
    call(actions);
    return actions;
  }

  private void wanted() {
    if (!isWanted()) {
      again();
    }
    wantedAt = now;
  }

  /// The other node tries now: what did not answer before may do so.
  private void called() {
    trials.stream()
        .filter(trial -> !trial.alive(now, carries(trial)) && !trial.recovers())
        .forEach(Trial::again);
    askedAt = now;
  }

  private void again() {
    trials.forEach(Trial::again);
    calls = 0;
    calledAt = Long.MIN_VALUE;
  }

  private boolean isWanted() {
    return wantedAt != Long.MIN_VALUE && now - wantedAt < INTEREST;
  }

  private boolean interested() {
    return isWanted() || (askedAt != Long.MIN_VALUE && now - askedAt < COURTESY);
  }

  private void known(List<Candidate> candidates) {
    List<Trial> before = trials;
    trials = new ArrayList<>(candidates.size());
    told = null;
    for (Candidate candidate : candidates) {
      if (candidate.kind() == Candidate.Kind.TOLD && told == null) {
        told = candidate.address();
      }
      Path over = new Path.Direct(candidate.address());
      if (trials.size() < MOST && find(over) == null) {
        Trial trial = find(before, over);
        trials.add(trial == null ? new Trial(over, candidate.kind()) : trial);
      }
    }
    // What packets came from is not forgotten because nobody tells of it; relays are told apart.
    for (Trial trial : before) {
      boolean heard = trial.kind == Candidate.Kind.HEARD && addresses() < MOST;
      if ((heard || !trial.direct()) && find(trial.over) == null) {
        trials.add(trial);
      }
    }
  }

  private void relays(List<PeerId> relays) {
    List<Path> there =
        relays.stream().distinct().limit(MOST_RELAYS).<Path>map(Path.Relayed::new).toList();
    trials.removeIf(trial -> !trial.direct() && !there.contains(trial.over));
    for (Path over : there) {
      if (find(over) == null) {
        trials.add(new Trial(over, null));
      }
    }
  }

  private @Nullable Trial find(Path over) {
    return find(trials, over);
  }

  private static @Nullable Trial find(List<Trial> among, Path over) {
    for (int i = 0; i < among.size(); i++) {
      if (among.get(i).over.equals(over)) {
        return among.get(i);
      }
    }
    return null;
  }

  private void heard(Path over) {
    switch (over) {
      case Path.Direct(InetSocketAddress from) -> {
        lastHeard = from;
        Trial trial = met(over);
        if (trial != null) {
          trial.heard(now);
        }
      }
      case Path.Relayed _, Path.Stream _, Path.Nowhere _ -> {
        Trial trial = find(over);
        if (trial != null) {
          trial.heard(now);
        }
      }
    }
  }

  /// @param over an address
  private @Nullable Trial met(Path over) {
    Trial trial = find(over);
    if (trial == null) {
      if (addresses() >= MOST) {
        dropOldestHeard();
      }
      if (addresses() >= MOST) {
        return null;
      }
      trial = new Trial(over, Candidate.Kind.HEARD);
      trials.add(trial);
    }
    return trial;
  }

  private int addresses() {
    int count = 0;
    for (int i = 0; i < trials.size(); i++) {
      count += trials.get(i).direct() ? 1 : 0;
    }
    return count;
  }

  private void dropOldestHeard() {
    Trial oldest = null;
    for (Trial trial : trials) {
      if (trial.kind == Candidate.Kind.HEARD
          && !carries(trial)
          && (oldest == null || trial.heardAt() < oldest.heardAt())) {
        oldest = trial;
      }
    }
    if (oldest != null) {
      trials.remove(oldest);
    }
  }

  private boolean carries(Trial trial) {
    return trial.over.equals(path);
  }

  private void choose(List<PathAction> actions) {
    if (wantedAt != Long.MIN_VALUE && !interested() && find(path) != null) {
      return; // nobody asks, so that it is still is no sign
    }
    Trial current = null;
    Trial best = null;
    Trial recovering = null;
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      if (carries(trial)) {
        if (!trial.hasFailed() && trial.alive(now, true)) {
          current = trial;
        } else if (!trial.hasFailed() && trial.doubtful()) {
          trial.failed(now);
        }
      }
      if (trial != current && trial.alive(now, false)) {
        best = better(trial, best);
      }
      if (trial.direct() && trial.recovers()) {
        recovering = better(trial, recovering);
      }
    }
    if (current != null && (best == null || !worthIt(best, current))) {
      if (!proven) {
        use(actions, current.over, true, "it answers there");
      }
      return;
    }
    if (best != null) {
      if (current != null && current.doubtful()) {
        current.failed(now);
      }
      best.chosen(now);
      use(actions, best.over, true, reason(best, current));
    } else if (stream) {
      use(
          actions,
          new Path.Stream(),
          true,
          "none of its addresses answers, and no relay leads to it");
    } else if (recovering != null) {
      use(actions, recovering.over, true, "it answers there at times");
    } else if (lastHeard != null) {
      Path there = new Path.Direct(lastHeard);
      use(actions, there, false, "nothing answers: it was last heard there");
    } else if (told != null) {
      Path there = new Path.Direct(told);
      use(actions, there, false, "nothing has answered yet: it is said to be there");
    } else {
      use(actions, NOWHERE, false, "nothing of it answers");
    }
  }

  private static String reason(Trial best, @Nullable Trial current) {
    if (!best.direct()) {
      return current == null
          ? "none of its addresses answers"
          : "none of its addresses answers, and this relay is nearer";
    }
    if (current == null) {
      return "it answers there";
    }
    return current.direct() && !current.doubtful()
        ? "it is nearer than " + ((Path.Direct) current.over).address()
        : "it answers there again";
  }

  private static Trial better(Trial trial, @Nullable Trial than) {
    return than == null || BETTER.compare(trial, than) < 0 ? trial : than;
  }

  /// Addresses before relays: nobody else pays for them.
  private static final Comparator<Trial> BETTER =
      Comparator.comparing((Trial trial) -> !trial.direct())
          .thenComparingLong(Trial::rtt)
          .thenComparing(trial -> trial.kind == null ? Candidate.Kind.HEARD : trial.kind);

  private static boolean worthIt(Trial other, Trial current) {
    if (other.direct() != current.direct()) {
      return other.direct();
    }
    if (current.doubtful() && other.answeredAfter(current)) {
      return true;
    }
    return other.rtt() < current.rtt() * 4 / 5 && other.rtt() + WORTH < current.rtt();
  }

  private void use(List<PathAction> actions, Path chosen, boolean works, String reason) {
    if (!chosen.equals(path) || works != proven) {
      path = chosen;
      proven = works;
      actions.add(new PathAction.Use(chosen, works, reason));
    }
    why = reason;
  }

  private void probe(List<PathAction> actions) {
    if (!interested()) {
      return;
    }
    Trial current = find(path);
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      // What could take over is asked again when it may have to.
      boolean wouldTakeOver =
          current != null && current.doubtful() && trial.mayReplace(now, current);
      if (wouldTakeOver || now >= trial.probeAt(carries(trial))) {
        long token = random.nextLong();
        trial.probed(now, token);
        actions.add(new PathAction.Probe(trial.over, token));
      }
    }
  }

  private void call(List<PathAction> actions) {
    if (isWanted() && !answers() && now >= callAt()) {
      calledAt = now;
      calls++;
      actions.add(new PathAction.Call());
    }
  }

  private long callAt() {
    return calledAt == Long.MIN_VALUE
        ? Long.MIN_VALUE
        : calledAt + CALL_EVERY[Math.min(calls, CALL_EVERY.length) - 1];
  }

  /// Whether an address of it does.
  private boolean answers() {
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      if (trial.direct() && (trial.alive(now, carries(trial)) || trial.recovers())) {
        return true;
      }
    }
    return false;
  }

  /// When `Tick` is wanted next, at the latest; `Long.MAX_VALUE` if it is not.
  public long next() {
    if (!interested()) {
      return Long.MAX_VALUE;
    }
    long next = !isWanted() || answers() ? Long.MAX_VALUE : callAt();
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      next = Math.min(next, trial.probeAt(carries(trial)));
    }
    return Math.max(next, now);
  }

  public Path path() {
    return path;
  }

  public PathReport report() {
    List<Trial> sorted = new ArrayList<>(trials);
    sorted.sort(
        Comparator.comparing((Trial trial) -> !carries(trial))
            .thenComparing(trial -> !trial.alive(now, carries(trial)))
            .thenComparing(BETTER));
    return new PathReport(
        path, why, sorted.stream().map(trial -> trial.report(now, carries(trial))).toList());
  }
}
