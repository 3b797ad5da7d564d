package io.atoll.runtime.process;

import io.atoll.core.os.FolderRemoval;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/// Measures the `process` driver alone: the latency of one `/bin/true` after the other, and how
/// many a second go through at a time. Arguments: rounds, runs at once.
public final class ProcessBench {
  private static final RandomGenerator RANDOM = new SecureRandom();

  private ProcessBench() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 500;
    int atOnce = args.length > 1 ? Integer.parseInt(args[1]) : 8;
    Path runs = Files.createTempDirectory("atoll-bench");
    ProcessDriver driver =
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs).withBare(true));
    System.out.println(driver.fingerprint());
    for (Workload.Isolation isolation : Workload.Isolation.values()) {
      for (int i = 0; i < 50; i++) {
        run(driver, runs, isolation);
      }
      double[] millis = new double[Math.min(rounds, 200)];
      for (int i = 0; i < millis.length; i++) {
        long begin = System.nanoTime();
        run(driver, runs, isolation);
        millis[i] = (System.nanoTime() - begin) / 1e6;
      }
      Arrays.sort(millis);
      System.out.printf(
          "%s: one after the other p50 %.2f ms, p99 %.2f ms (n=%d)%n",
          isolation, millis[millis.length / 2], millis[millis.length * 99 / 100], millis.length);
      long begin = System.nanoTime();
      Semaphore slots = new Semaphore(atOnce);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < rounds; i++) {
          slots.acquire();
          threads.submit(
              () -> {
                try {
                  run(driver, runs, isolation);
                } finally {
                  slots.release();
                }
                return null;
              });
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.out.printf(
          "%s: %.0f runs/s (%d runs, %d at once)%n", isolation, rounds / seconds, rounds, atOnce);
    }
    FolderRemoval.remove(runs);
  }

  private static void run(ProcessDriver driver, Path runs, Workload.Isolation isolation)
      throws Exception {
    RunId id = new RunId(TaskId.random(RANDOM), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "process",
            null,
            List.of("/bin/true"),
            Map.of(),
            new Resources(1000, 64L << 20, 0),
            64,
            List.of(),
            false,
            isolation);
    Activity activity =
        driver.prepare(new ActivitySpec(id, workload, runs.resolve(id.toString()))).start();
    Exit exit = activity.await();
    activity.destroy();
    if (!exit.equals(Exit.of(0))) {
      throw new IllegalStateException(exit.toString());
    }
  }
}
