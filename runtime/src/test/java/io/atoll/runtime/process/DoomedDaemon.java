package io.atoll.runtime.process;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.ActivitySpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;

/// A daemon's side that starts runs as fast as it can, to be killed while it does. Arguments: the
/// supervisor, a folder for runs, a file for witnesses, a seed.
public final class DoomedDaemon {
  static final int RUNS = 40;

  private DoomedDaemon() {}

  /// The runs of a seed: each appends its id to the witness file as its first act, and exits with
  /// the code of its index. Every second one is sandboxed, and writes its witness to its output;
  /// every fourth has a card.
  static List<ActivitySpec> runs(Path runs, Path witness, long seed) {
    Random random = new Random(seed);
    List<ActivitySpec> all = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      RunId id = new RunId(TaskId.random(random), new Epoch(1, 1));
      boolean boxed = i % 2 == 0;
      String pause = "0." + (100 + random.nextInt(500));
      String script =
          "echo " + id + (boxed ? "" : " >> " + witness) + "; sleep " + pause + "; exit " + i;
      Workload workload =
          new Workload(
              "process",
              null,
              List.of("/bin/sh", "-c", script),
              Map.of(),
              new Resources(1000, 64L << 20, 0),
              16,
              List.of(),
              false,
              boxed ? Workload.Isolation.SANDBOX : Workload.Isolation.BARE);
      ActivitySpec spec = new ActivitySpec(id, workload, runs.resolve(id.toString()));
      all.add(i % 4 == 0 ? Escape.with(spec, Escape.card()) : spec);
    }
    return all;
  }

  public static void main(String[] args) throws Exception {
    Path runs = Path.of(args[1]);
    ProcessDriver driver =
        new ProcessDriver(ProcessSettings.of(Path.of(args[0]), runs).withBare(true));
    System.out.println("ready");
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (ActivitySpec spec : runs(runs, Path.of(args[2]), Long.parseLong(args[3]))) {
        threads.submit(
            () -> {
              driver.prepare(spec).start();
              return null;
            });
      }
    }
    System.out.println("all started");
    Thread.sleep(60_000);
  }
}
