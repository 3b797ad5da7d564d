package io.atoll.runtime.microvm;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.OutputRecords;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/// A daemon's side that starts a guest, takes it out of memory and back, and is killed once it has
/// come to a certain step. Arguments: a folder for state, one for runs, a seed, the step.
public final class DeepDoomedDaemon {
  static final Resources SIZE = new Resources(1000, 128L << 20, 0);

  private DeepDoomedDaemon() {}

  static ActivitySpec spec(Path runs, long seed) {
    RunId id = new RunId(TaskId.random(new Random(seed)), new Epoch(1, 1));
    String script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done";
    return new ActivitySpec(
        id,
        TestGuests.workload(List.of("/bin/sh", "-c", script), Map.of(), SIZE, 16),
        runs.resolve(id.toString()));
  }

  public static void main(String[] args) throws Exception {
    DeepStep last = DeepStep.valueOf(args[3]);
    MicrovmDriver driver =
        new MicrovmDriver(
            TestGuests.settings(Path.of(args[0])),
            TestGuests.images(),
            step -> {
              if (step == last) {
                kill();
              }
            });
    ActivitySpec spec = spec(Path.of(args[1]), Long.parseLong(args[2]));
    driver.awaitTemplate(SIZE, java.time.Duration.ofSeconds(200));
    Activity activity = driver.prepare(spec).start();
    while (OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT).length < 10) {
      Thread.sleep(10);
    }
    ((DeepSuspend) activity).suspendDeep();
    activity.resume();
    System.out.println("was not killed");
    System.exit(3);
  }

  private static void kill() {
    try {
      new ProcessBuilder("kill", "-9", String.valueOf(ProcessHandle.current().pid()))
          .start()
          .waitFor(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
