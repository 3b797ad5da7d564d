package io.atoll.daemon.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.TaskId;
import io.atoll.daemon.journal.JournalChange.PutRun;
import io.atoll.daemon.store.CommitPoint;
import io.atoll.daemon.store.CrashChild;
import io.atoll.daemon.store.Fuzz;
import io.atoll.daemon.store.Rows;
import io.atoll.market.activity.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that commits is killed, at chosen points and at random, again and again over one file.
class FileJournalCrashTest {
  private static final int TASKS = 40;

  @TempDir Path folder;

  /// Commit n writes epoch n to two tasks.
  public static final class Child {
    private Child() {}

    public static void main(String[] args) {
      long first = Long.parseLong(args[1]);
      FileJournal journal =
          FileJournal.open(Path.of(args[0]), CrashChild.haltAt(args[2], Integer.parseInt(args[3])));
      for (long n = first; ; n++) {
        journal.commit(
            List.of(
                new PutRun(Records.run(n % TASKS, n, RunState.RUNNING)),
                new PutRun(Records.run(TASKS + n % TASKS, n, RunState.RUNNING))));
        CrashChild.acknowledge(n);
      }
    }
  }

  @Test
  void whatWasAcknowledgedIsThereAndNothingIsHalf() throws Exception {
    Random random = Fuzz.random("FileJournalCrashTest");
    int rounds = Fuzz.rounds(5);
    long next = 1;
    for (int round = 0; round < rounds; round++) {
      String point =
          round < CommitPoint.values().length ? CommitPoint.values()[round].name() : "none";
      long acknowledged =
          CrashChild.runAndKill(
              Child.class,
              Duration.ofMillis(random.nextInt(500)),
              folder.resolve("errors"),
              folder.toString(),
              Long.toString(next),
              point,
              Integer.toString(2 + random.nextInt(300)));
      assertThat(acknowledged)
          .as("child ended early: %s", Files.readString(folder.resolve("errors")))
          .isGreaterThanOrEqualTo(next);
      next = check(acknowledged) + 1;
    }
    System.out.println("FileJournalCrashTest: " + rounds + " kills, " + (next - 1) + " commits");
  }

  /// @return the last commit that is there: the acknowledged one, or the one under way
  private long check(long acknowledged) {
    try (FileJournal journal = FileJournal.open(folder)) {
      Map<TaskId, RunRecord> runs =
          journal.load().runs().stream()
              .collect(Collectors.toMap(run -> run.order().run().task(), Function.identity()));
      long last =
          runs.values().stream()
              .mapToLong(run -> run.order().run().epoch().counter())
              .max()
              .orElseThrow();
      assertThat(last).isBetween(acknowledged, acknowledged + 1);
      for (long n = Math.max(1, last - TASKS + 1); n <= last; n++) {
        assertThat(runs.get(Rows.id(n % TASKS)))
            .isEqualTo(Records.run(n % TASKS, n, RunState.RUNNING));
        assertThat(runs.get(Rows.id(TASKS + n % TASKS)))
            .isEqualTo(Records.run(TASKS + n % TASKS, n, RunState.RUNNING));
      }
      return last;
    }
  }
}
