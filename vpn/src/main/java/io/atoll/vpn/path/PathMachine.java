package io.atoll.vpn.path;

import io.atoll.core.identity.PeerId;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Chooses the way to one node. Times are nanoseconds of a clock that only grows. One thread.
public final class PathMachine {
  /// How many addresses are tried; of those heard the oldest goes first.
  static final int MOST = 24;

  /// Addresses are tried for so long after something was to be sent.
  static final long INTEREST = 120_000_000_000L;

  /// Another way has to be better by a fifth and by this to be worth the change.
  private static final long WORTH = 2_000_000L;

  private final RandomGenerator random;
  private final Map<InetSocketAddress, Trial> trials = new LinkedHashMap<>();
  private @Nullable PeerId relay;
  private boolean stream;
  private long now = Long.MIN_VALUE;
  private long wantedAt = Long.MIN_VALUE;
  private Path path = new Path.Nowhere();
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
      case PathEvent.Known(List<Candidate> candidates) -> known(candidates);
      case PathEvent.Answered(InetSocketAddress address, long token) -> {
        Trial trial = trials.get(address);
        if (trial != null) {
          trial.answered(now, token);
        }
      }
      case PathEvent.Heard(InetSocketAddress from) -> heard(from);
      case PathEvent.Refused(InetSocketAddress address, String reason) -> {
        Trial trial = trials.get(address);
        if (trial != null) {
          trial.refused(reason);
        }
      }
      case PathEvent.Others(PeerId through, boolean connected) -> {
        relay = through;
        stream = connected;
      }
    }
    List<PathAction> actions = new ArrayList<>();
    choose(actions);
    probe(actions);
    return actions;
  }

  private void wanted() {
    if (!interested()) {
      trials.values().stream().filter(trial -> !trial.alive(now, false)).forEach(Trial::again);
    }
    wantedAt = now;
  }

  private boolean interested() {
    return wantedAt != Long.MIN_VALUE && now - wantedAt < INTEREST;
  }

  private void known(List<Candidate> candidates) {
    Map<InetSocketAddress, Trial> before = new LinkedHashMap<>(trials);
    trials.clear();
    for (Candidate candidate : candidates) {
      if (trials.size() < MOST) {
        Trial trial = before.remove(candidate.address());
        trials.put(candidate.address(), trial == null ? new Trial(candidate) : trial);
      }
    }
    // What packets came from is not forgotten because nobody tells of it.
    before.forEach(
        (address, trial) -> {
          if (trial.candidate.kind() == Candidate.Kind.HEARD && trials.size() < MOST) {
            trials.put(address, trial);
          }
        });
  }

  private void heard(InetSocketAddress from) {
    Trial trial = trials.get(from);
    if (trial == null) {
      if (trials.size() >= MOST) {
        dropOldestHeard();
      }
      if (trials.size() >= MOST) {
        return;
      }
      trial = new Trial(new Candidate(from, Candidate.Kind.HEARD));
      trials.put(from, trial);
    }
    trial.heard(now);
  }

  private void dropOldestHeard() {
    for (InetSocketAddress address : List.copyOf(trials.keySet())) {
      Trial trial = trials.get(address);
      if (trial != null && trial.candidate.kind() == Candidate.Kind.HEARD && !carries(trial)) {
        trials.remove(address);
        return;
      }
    }
  }

  private boolean carries(Trial trial) {
    return path instanceof Path.Direct(InetSocketAddress address)
        && address.equals(trial.candidate.address());
  }

  private void choose(List<PathAction> actions) {
    Trial current = null;
    Trial best = null;
    for (Trial trial : trials.values()) {
      if (carries(trial)) {
        if (trial.alive(now, true)) {
          current = trial;
        } else {
          trial.failed();
        }
      } else if (trial.alive(now, false) && (best == null || BETTER.compare(trial, best) < 0)) {
        best = trial;
      }
    }
    if (current != null && (best == null || !worthIt(best, current))) {
      return;
    }
    if (best != null) {
      InetSocketAddress address = best.candidate.address();
      best.chosen(now);
      use(
          actions,
          new Path.Direct(address),
          current == null
              ? "it answers there"
              : "it is nearer than " + current.candidate.address());
    } else if (relay != null) {
      use(actions, new Path.Relayed(relay), "none of its addresses answers");
    } else if (stream) {
      use(actions, new Path.Stream(), "none of its addresses answers, and no relay has consented");
    } else {
      use(actions, new Path.Nowhere(), "nothing of it answers");
    }
  }

  private static final Comparator<Trial> BETTER =
      Comparator.comparingLong(Trial::rtt).thenComparing(trial -> trial.candidate.kind());

  private static boolean worthIt(Trial other, Trial current) {
    return other.rtt() < current.rtt() * 4 / 5 && other.rtt() + WORTH < current.rtt();
  }

  private void use(List<PathAction> actions, Path chosen, String reason) {
    if (!chosen.equals(path)) {
      path = chosen;
      why = reason;
      actions.add(new PathAction.Use(chosen, reason));
    }
  }

  private void probe(List<PathAction> actions) {
    if (!interested()) {
      return;
    }
    for (Trial trial : trials.values()) {
      if (now >= trial.probeAt(carries(trial))) {
        long token = random.nextLong();
        trial.probed(now, token);
        actions.add(new PathAction.Probe(trial.candidate.address(), token));
      }
    }
  }

  /// When `Tick` is wanted next, at the latest.
  public long next() {
    long next = Long.MAX_VALUE;
    for (Trial trial : trials.values()) {
      if (carries(trial)) {
        next = Math.min(next, now + Trial.ALIVE_CARRYING / 6);
      }
      if (interested()) {
        next = Math.min(next, trial.probeAt(carries(trial)));
      }
    }
    return Math.max(next, now);
  }

  public Path path() {
    return path;
  }

  public PathReport report() {
    List<Trial> sorted = new ArrayList<>(trials.values());
    sorted.sort(
        Comparator.comparing((Trial trial) -> !carries(trial))
            .thenComparing(trial -> !trial.alive(now, carries(trial)))
            .thenComparing(BETTER));
    return new PathReport(
        path, why, sorted.stream().map(trial -> trial.report(now, carries(trial))).toList());
  }
}
