package io.atoll.runtime.microvm;

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

/// A daemon's side that starts guests as fast as it can, to be killed while it does. Arguments: a
/// folder for state, one for runs, a seed.
public final class DoomedDaemon {
  static final int RUNS = 10;

  private DoomedDaemon() {}

  /// The runs of a seed: each says its id and a random number of its own, writes for a while, and
  /// exits with the code of its index.
  static List<ActivitySpec> runs(Path runs, long seed) {
    Random random = new Random(seed);
    List<ActivitySpec> all = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      RunId id = new RunId(TaskId.random(random), new Epoch(1, 1));
      String script =
          "echo %s $(cat /proc/sys/kernel/random/uuid); i=0; while [ $i -lt %d ]; do i=$((i+1));"
                  .formatted(id, 20 + random.nextInt(80))
              + " echo $i; sleep 0.01; done; exit %d".formatted(i);
      all.add(
          new ActivitySpec(
              id,
              TestGuests.workload(
                  List.of("/bin/sh", "-c", script),
                  Map.of(),
                  new Resources(1000, 128L << 20, 0),
                  16),
              runs.resolve(id.toString())));
    }
    return all;
  }

  public static void main(String[] args) throws Exception {
    MicrovmDriver driver =
        new MicrovmDriver(TestGuests.settings(Path.of(args[0])), TestGuests.images());
    System.out.println("ready");
    try (var threads = Executors.newFixedThreadPool(3)) {
      for (ActivitySpec spec : runs(Path.of(args[1]), Long.parseLong(args[2]))) {
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
