package io.atoll.daemon.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.EventView;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.CommitPoint;
import io.atoll.daemon.store.CrashChild;
import io.atoll.daemon.store.Fuzz;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Rows;
import io.atoll.daemon.store.TaskRow;
import io.atoll.daemon.store.Transaction;
import io.atoll.market.activity.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that commits is killed, at chosen points and at random, again and again over one
/// store.
class SqliteStoreCrashTest {
  private static final int GROUP = 5;

  /// Every round looks at all that its store holds.
  private static final int ROUNDS_A_STORE = 10;

  @TempDir Path root;

  /// Group g has a transaction for each task 5g … 5g+4, and one that must lose.
  public static final class Child {
    private Child() {}

    public static void main(String[] args) {
      SqliteStore store =
          SqliteStore.open(
              Path.of(args[0]),
              StoreOptions.DEFAULT.withCommitPoints(
                  CrashChild.haltAt(args[2], Integer.parseInt(args[3]))));
      for (long g = Long.parseLong(args[1]); ; g++) {
        List<Transaction> group = new ArrayList<>();
        for (long n = g * GROUP; n < (g + 1) * GROUP; n++) {
          TaskId id = Rows.id(n);
          group.add(
              Rows.when(
                  new Precondition.TaskAbsent(id),
                  new Change.PutTask(Rows.task(id, null, TaskState.RUNNING, new Epoch(1, n))),
                  new Change.PutRun(Rows.run(new RunId(id, new Epoch(1, n)), RunState.RUNNING)),
                  new Change.PutEpoch(new Epoch(1, n)),
                  new Change.Append(Rows.event("first", id)),
                  new Change.Append(Rows.event("second", id))));
        }
        group.add(
            Rows.when(
                new Precondition.TaskAbsent(Rows.id(g * GROUP)),
                new Change.Append(Rows.event("never", null))));
        List<Outcome> outcomes = store.commit(group);
        if (!outcomes.subList(0, GROUP).stream().allMatch(Outcome.Applied.class::isInstance)
            || !(outcomes.getLast() instanceof Outcome.Conflict)) {
          throw new IllegalStateException(outcomes.toString());
        }
        CrashChild.acknowledge(g);
      }
    }
  }

  @Test
  void whatWasAcknowledgedIsThereAndNothingIsHalf() throws Exception {
    Random random = Fuzz.random("SqliteStoreCrashTest");
    int rounds = Fuzz.rounds(5);
    long next = 0;
    long groups = 0;
    Path folder = root;
    for (int round = 0; round < rounds; round++) {
      if (round % ROUNDS_A_STORE == 0) {
        groups += next;
        next = 0;
        folder = Files.createDirectory(root.resolve("store-" + round));
      }
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
              Integer.toString(2 + random.nextInt(100)));
      assertThat(acknowledged)
          .as("child ended early: %s", Files.readString(folder.resolve("errors")))
          .isGreaterThanOrEqualTo(next);
      next = check(folder, acknowledged) + 1;
    }
    System.out.println(
        "SqliteStoreCrashTest: " + rounds + " kills, " + (groups + next) + " groups");
  }

  /// @return the last group that is there: the acknowledged one, or the one under way
  private static long check(Path folder, long acknowledged) {
    try (SqliteStore store = SqliteStore.open(folder)) {
      List<TaskRow> tasks = store.read(new Query.LiveTasks());
      assertThat(tasks.size() % GROUP).as("a group is all or nothing").isZero();
      long last = tasks.size() / GROUP - 1;
      assertThat(last).isBetween(acknowledged, acknowledged + 1);
      assertThat(store.read(new Query.Meta()).highest()).isEqualTo(new Epoch(1, tasks.size() - 1));
      assertThat(store.read(new Query.Meta()).lastSeq()).isEqualTo(2L * tasks.size());
      assertThat(store.read(new Query.LiveRuns())).hasSize(tasks.size());
      long after = 0;
      for (int n = 0; n < tasks.size(); n++) {
        TaskId id = Rows.id(n);
        assertThat(tasks.get(n)).isEqualTo(Rows.task(id, null, TaskState.RUNNING, new Epoch(1, n)));
        List<EventView> events = store.read(new Query.Events(after, null, 2)).events();
        assertThat(events)
            .extracting(event -> event.type() + event.task())
            .containsExactly("first" + id, "second" + id);
        after = events.getLast().seq();
      }
      return last;
    }
  }
}
