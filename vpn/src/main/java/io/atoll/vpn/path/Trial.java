package io.atoll.vpn.path;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How one address of a node fares. Owned by its machine.
final class Trial {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;

  /// An address that carries packets is asked so often when it is otherwise still.
  private static final long CARRYING_EVERY = SECOND;

  /// One that is alive and waits for its turn.
  private static final long WAITING_EVERY = 15 * SECOND;

  /// Between tries of one that does not answer; the last goes on for ever.
  private static final long[] TRYING_EVERY = {
    250 * MILLI, 250 * MILLI, 500 * MILLI, SECOND, 2 * SECOND, 5 * SECOND, 15 * SECOND, 60 * SECOND
  };

  /// An address is alive for so long after anything genuine came from it; one in waiting is asked
  /// less often, and so believed for longer.
  static final long ALIVE_CARRYING = 3 * SECOND;

  private static final long ALIVE_WAITING = 2 * WAITING_EVERY + 3 * SECOND;

  /// A far address may answer when it has been asked again already.
  private static final int REMEMBERED = 4;

  private static final long ANSWERED = Long.MIN_VALUE;

  final Candidate candidate;
  private final long[] tokens = new long[REMEMBERED];
  private final long[] sentAt = new long[REMEMBERED];
  private long heardAt = Long.MIN_VALUE;
  private long probedAt = Long.MIN_VALUE;
  private int unanswered;
  private int probes;
  private int answers;
  private long rtt = -1;
  private long chosenAt = Long.MIN_VALUE;
  private boolean failed;
  private @Nullable String refused;

  Trial(Candidate candidate) {
    this.candidate = candidate;
  }

  /// Whether it may be believed to work. One that has just been chosen has its chance first.
  boolean alive(long now, boolean carrying) {
    long since = carrying ? Math.max(heardAt, chosenAt) : heardAt;
    return heardAt != Long.MIN_VALUE
        && !failed
        && now - since < (carrying ? ALIVE_CARRYING : ALIVE_WAITING);
  }

  /// It carries packets from now on, and is asked at once whether it still works.
  void chosen(long now) {
    chosenAt = now;
    if (now - heardAt >= CARRYING_EVERY) {
      again();
    }
  }

  /// It carried packets and has fallen silent: it is not believed before it is heard again.
  void failed() {
    failed = true;
  }

  /// When it should be asked next.
  long probeAt(boolean carrying) {
    if (probedAt == Long.MIN_VALUE) {
      return Long.MIN_VALUE;
    }
    if (unanswered > 0) {
      return probedAt + TRYING_EVERY[Math.min(unanswered, TRYING_EVERY.length) - 1];
    }
    return probedAt + (carrying ? CARRYING_EVERY : WAITING_EVERY);
  }

  void probed(long now, long with) {
    probedAt = now;
    tokens[probes % REMEMBERED] = with;
    sentAt[probes % REMEMBERED] = now;
    unanswered++;
    probes++;
  }

  /// An answer counts if it has the token of one of the last probes.
  void answered(long now, long with) {
    for (int i = 0; i < Math.min(probes, REMEMBERED); i++) {
      if (tokens[i] == with && sentAt[i] != ANSWERED) {
        long took = Math.max(0, now - sentAt[i]);
        sentAt[i] = ANSWERED;
        rtt = rtt < 0 ? took : (rtt + took) / 2;
        answers++;
        refused = null;
        heard(now);
      }
    }
  }

  void heard(long now) {
    heardAt = now;
    failed = false;
    unanswered = 0;
  }

  void refused(String why) {
    refused = why;
    heardAt = Long.MIN_VALUE;
  }

  /// Tries it from the beginning, such as when something is to be sent after a long time.
  void again() {
    probedAt = Long.MIN_VALUE;
    unanswered = 0;
  }

  /// In nanoseconds; as large as can be while it is not known.
  long rtt() {
    return rtt < 0 ? Long.MAX_VALUE / 4 : rtt;
  }

  PathReport.Tried report(long now, boolean carrying) {
    return new PathReport.Tried(
        candidate,
        alive(now, carrying) ? PathReport.State.ALIVE : state(),
        probes,
        answers,
        rtt < 0 ? null : Duration.ofNanos(rtt),
        refused);
  }

  private PathReport.State state() {
    if (refused != null) {
      return PathReport.State.REFUSED;
    }
    return answers == 0 && heardAt == Long.MIN_VALUE
        ? PathReport.State.TRYING
        : PathReport.State.SILENT;
  }
}
