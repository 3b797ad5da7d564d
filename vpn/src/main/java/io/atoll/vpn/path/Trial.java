package io.atoll.vpn.path;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How one way to a node fares. Only an answer shows that what is sent arrives: what is heard comes
/// the other way. Owned by its machine.
final class Trial {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;
  private static final long NEVER = Long.MIN_VALUE;

  /// A way that carries packets is asked so often.
  private static final long CARRYING_EVERY = 500 * MILLI;

  /// And so often when an answer is missing, or when it is watched.
  private static final long DOUBTFUL_EVERY = 250 * MILLI;

  /// One that is alive and waits for its turn.
  private static final long WAITING_EVERY = 15 * SECOND;

  /// Between tries of one that does not answer; the last goes on for ever.
  private static final long[] TRYING_EVERY = {
    250 * MILLI, 250 * MILLI, 500 * MILLI, SECOND, 2 * SECOND, 5 * SECOND, 15 * SECOND, 60 * SECOND
  };

  /// A way that carries packets is given up so long after the first question without an answer.
  private static final long GIVEN_UP_AFTER = 1200 * MILLI;

  /// And so long at most: while the node is heard, or where it is very far.
  private static final long PATIENCE = 3 * SECOND;

  private static final long HEARD_LATELY = 600 * MILLI;

  /// One in waiting is asked less often, and believed for longer.
  private static final long ALIVE_WAITING = 2 * WAITING_EVERY + 3 * SECOND;

  private static final int SILENT_AFTER = 3;

  /// One that has failed answers for so long before it is believed again, twice as long each time.
  private static final long WATCHED = SECOND;

  private static final int MOST_DOUBLINGS = 5;

  /// Failures are forgotten when it has carried packets for so long.
  private static final long FORGIVEN = 60 * SECOND;

  /// A far node may answer when it has been asked again already.
  private static final int REMEMBERED = 8;

  final Path over;
  final Candidate.@Nullable Kind kind;
  private final long[] tokens = new long[REMEMBERED];
  private final long[] sentAt = new long[REMEMBERED];
  private long heardAt = NEVER;
  private long answeredAt = NEVER;
  private long probedAt = NEVER;
  private long unansweredSince = NEVER;
  private int unanswered;
  private int probes;
  private int answers;
  private long rtt = -1;
  private long chosenAt = NEVER;
  private long recoversSince = NEVER;
  private int failures;
  private boolean failed;
  private @Nullable String refused;

  Trial(Path over, Candidate.@Nullable Kind kind) {
    this.over = over;
    this.kind = kind;
  }

  boolean direct() {
    return over instanceof Path.Direct;
  }

  /// Whether it may be believed to work.
  boolean alive(long now, boolean carrying) {
    if (answeredAt == NEVER || refused != null) {
      return false;
    }
    if (carrying) {
      return unanswered == 0 || now - Math.max(unansweredSince, chosenAt) < patience(now);
    }
    return (!failed || recovered(now))
        && unanswered < SILENT_AFTER
        && now - answeredAt < ALIVE_WAITING;
  }

  private long patience(long now) {
    boolean heard = heardAt != NEVER && now - heardAt < HEARD_LATELY;
    return heard ? PATIENCE : Math.clamp(4 * rtt(), GIVEN_UP_AFTER, PATIENCE);
  }

  private boolean recovered(long now) {
    return recoversSince != NEVER
        && now - recoversSince >= WATCHED << Math.min(failures - 1, MOST_DOUBLINGS);
  }

  /// It has failed, and answers again, though not for long enough.
  boolean recovers() {
    return failed && refused == null && recoversSince != NEVER && unanswered < SILENT_AFTER;
  }

  boolean hasFailed() {
    return failed;
  }

  /// It carries packets, and two answers or more are missing.
  boolean doubtful() {
    return unanswered > 1;
  }

  /// Whether it has answered since another did not.
  boolean answeredAfter(Trial silent) {
    return answeredAt != NEVER && answeredAt > silent.unansweredSince;
  }

  /// Whether it could take the place of one that is in doubt, and was not asked since.
  boolean mayReplace(long now, Trial silent) {
    return silent != this && alive(now, false) && probedAt < silent.unansweredSince;
  }

  /// It carries packets from now on, and is asked at once whether it still works.
  void chosen(long now) {
    chosenAt = now;
    failed = false;
    if (answeredAt == NEVER || now - answeredAt >= CARRYING_EVERY) {
      again();
    }
  }

  /// It carried packets and has fallen silent: it is not believed before it has answered for a
  /// while.
  void failed(long now) {
    if (chosenAt != NEVER && now - chosenAt > FORGIVEN) {
      failures = 0;
    }
    failures++;
    failed = true;
    recoversSince = NEVER;
  }

  /// When it should be asked next.
  long probeAt(boolean carrying) {
    if (probedAt == NEVER) {
      return NEVER;
    }
    if (carrying) {
      return probedAt + (unanswered > 0 ? DOUBTFUL_EVERY : CARRYING_EVERY);
    }
    if (unanswered > 0) {
      return probedAt + TRYING_EVERY[Math.min(unanswered, TRYING_EVERY.length) - 1];
    }
    return probedAt + (failed ? DOUBTFUL_EVERY : WAITING_EVERY);
  }

  void probed(long now, long with) {
    probedAt = now;
    tokens[probes % REMEMBERED] = with;
    sentAt[probes % REMEMBERED] = now;
    if (unanswered++ == 0) {
      unansweredSince = now;
    }
    if (failed && unanswered >= SILENT_AFTER) {
      recoversSince = NEVER;
    }
    probes++;
  }

  /// An answer counts if it has the token of one of the last probes.
  void answered(long now, long with) {
    for (int i = 0; i < Math.min(probes, REMEMBERED); i++) {
      if (tokens[i] == with && sentAt[i] != NEVER) {
        long took = Math.max(0, now - sentAt[i]);
        sentAt[i] = NEVER;
        rtt = rtt < 0 ? took : (rtt + took) / 2;
        answers++;
        answeredAt = now;
        heardAt = now;
        unanswered = 0;
        refused = null;
        if (failed && recoversSince == NEVER) {
          recoversSince = now;
        }
      }
    }
  }

  void heard(long now) {
    heardAt = now;
    if (answeredAt == NEVER && unanswered > 1) {
      again();
    }
  }

  void refused(String why) {
    refused = why;
  }

  /// Tries it from the beginning, such as when something is to be sent after a long time.
  void again() {
    probedAt = NEVER;
    unanswered = 0;
  }

  /// In nanoseconds; as large as can be while it is not known.
  long rtt() {
    return rtt < 0 ? Long.MAX_VALUE / 8 : rtt;
  }

  long heardAt() {
    return heardAt;
  }

  PathReport.Tried report(long now, boolean carrying) {
    return new PathReport.Tried(
        over,
        kind,
        state(now, carrying),
        probes,
        answers,
        failures,
        rtt < 0 ? null : Duration.ofNanos(rtt),
        refused);
  }

  private PathReport.State state(long now, boolean carrying) {
    if (refused != null) {
      return PathReport.State.REFUSED;
    }
    if (alive(now, carrying)) {
      return PathReport.State.ALIVE;
    }
    if (recovers()) {
      return PathReport.State.RECOVERING;
    }
    return answers == 0 ? PathReport.State.TRYING : PathReport.State.SILENT;
  }
}
