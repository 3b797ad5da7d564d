package io.atoll.daemon.journal;

import io.atoll.daemon.journal.JournalChange.DropRun;
import io.atoll.daemon.journal.JournalChange.PutRun;
import io.atoll.daemon.store.Rows;
import io.atoll.market.activity.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// How fast the journal is: `java … io.atoll.daemon.journal.JournalBenchmark [FOLDER]`. A folder in
/// memory (`/dev/shm`) shows its own cost without the disk's.
public final class JournalBenchmark {
  private JournalBenchmark() {}

  public static void main(String[] args) throws Exception {
    Path parent =
        args.length > 0 ? Path.of(args[0]) : Path.of(System.getProperty("java.io.tmpdir"));
    Path folder = Files.createTempDirectory(Files.createDirectories(parent), "journal-bench");
    try (FileJournal journal = FileJournal.open(folder)) {
      for (int round = 1; round <= 3; round++) {
        commits(journal, 1, 5_000);
        commits(journal, 16, 2_000);
      }
    }
    long start = System.nanoTime();
    try (FileJournal journal = FileJournal.open(folder)) {
      System.out.printf(
          Locale.ROOT,
          "open %d KiB with %d runs: %.1f ms%n",
          Files.size(folder.resolve("provider.journal")) >> 10,
          journal.load().runs().size(),
          (System.nanoTime() - start) / 1e6);
    }
    Files.delete(folder.resolve("provider.journal"));
    Files.delete(folder.resolve("provider.lock"));
    Files.delete(folder);
  }

  /// Each run is accepted, runs, exits; the hub lets it be forgotten 200 runs later.
  private static void commits(FileJournal journal, int grouped, int commits) {
    double[] millis = new double[commits];
    RunState[] states = {RunState.ACCEPTED, RunState.RUNNING, RunState.EXITED};
    long n = 0;
    long start = System.nanoTime();
    for (int c = 0; c < commits; c++) {
      List<JournalChange> changes = new ArrayList<>();
      for (int i = 0; i < grouped; i++, n++) {
        long task = n / 3;
        changes.add(new PutRun(Records.run(task, 1, states[(int) (n % 3)])));
        if (n % 3 == 2 && task >= 200) {
          changes.add(new DropRun(Rows.id(task - 200)));
        }
      }
      long before = System.nanoTime();
      journal.commit(changes);
      millis[c] = (System.nanoTime() - before) / 1e6;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%2d changes a commit: %,8.0f commits/s   p50 %.3f ms, p99 %.3f ms, max %.1f ms%n",
        grouped,
        commits / seconds,
        millis[commits / 2],
        millis[commits * 99 / 100],
        millis[commits - 1]);
  }
}
