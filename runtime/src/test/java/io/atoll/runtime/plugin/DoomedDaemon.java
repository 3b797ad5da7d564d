package io.atoll.runtime.plugin;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.ActivitySpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;

/// A daemon's side that starts runs by the example runtime as fast as it can, to be killed while it
/// does. Arguments: a folder, a seed.
public final class DoomedDaemon {
  static final int RUNS = 24;

  private DoomedDaemon() {}

  /// The runs of a seed: each appends its id to the witness file as its first act, and exits with
  /// the code of its index.
  static List<ActivitySpec> runs(Path folder, long seed) {
    Random random = new Random(seed);
    List<ActivitySpec> all = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      RunId id = new RunId(TaskId.random(random), new Epoch(1, 1));
      String pause = "0." + (100 + random.nextInt(500));
      String script =
          "echo "
              + id
              + " >> "
              + folder.resolve("witness")
              + "; sleep "
              + pause
              + "; echo done; exit "
              + i;
      all.add(
          new ActivitySpec(
              id,
              ExampleRuntime.workload(
                  List.of("/bin/sh", "-c", script),
                  Map.of(),
                  new Resources(1000, 64L << 20, 0),
                  16),
              folder.resolve("runs").resolve(id.toString())));
    }
    return all;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    PluginDriver driver = new ExampleRuntime(folder.resolve("plain")).driver();
    System.out.println("ready");
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (ActivitySpec spec : runs(folder, Long.parseLong(args[1]))) {
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
