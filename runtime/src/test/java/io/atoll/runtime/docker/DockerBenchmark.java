package io.atoll.runtime.docker;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.OutputRecords;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// How long a run takes from `prepare` to the return of `await`, against `docker run --rm` of the
/// same warm image with the same flags, alternated; output and exit code are checked each time.
/// Argument: rounds (30). Prints medians, and the ratio of the medians.
public final class DockerBenchmark {
  private DockerBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    DockerEngine engine = DockerEngine.withoutNetwork();
    engine.start();
    TestImages.make(engine, "bench:1");
    Path runs = Files.createTempDirectory("atoll-bench");
    try (DockerDriver driver =
        new DockerDriver(DockerSettings.loopback(engine.address(), "bench"), (image, line) -> {})) {
      List<Long> ours = new ArrayList<>();
      List<Long> theirs = new ArrayList<>();
      List<long[]> parts = new ArrayList<>();
      for (int i = -5; i < rounds; i++) {
        long[] part = new long[3];
        long us = driver(driver, runs, part);
        long they = client(engine);
        if (i >= 0) {
          ours.add(us);
          theirs.add(they);
          parts.add(part);
        }
      }
      System.out.printf(
          "rounds %d%ndocker run --rm  median %.1f ms  (%s)%ndriver           median %.1f ms  (%s)%n"
              + "  prepare %.1f  start %.1f  await %.1f%nratio %.3f%n",
          rounds,
          median(theirs) / 1e6,
          spread(theirs),
          median(ours) / 1e6,
          spread(ours),
          median(parts.stream().map(part -> part[0]).toList()) / 1e6,
          median(parts.stream().map(part -> part[1]).toList()) / 1e6,
          median(parts.stream().map(part -> part[2]).toList()) / 1e6,
          (double) median(ours) / median(theirs));
    }
  }

  private static long driver(DockerDriver driver, Path runs, long[] part) throws Exception {
    RunId id = new RunId(TaskId.random(ThreadLocalRandom.current()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "docker",
            "bench:1",
            List.of("sh", "-c", "echo out; exit 3"),
            Map.of(),
            new Resources(1000, 64 << 20, 0),
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    ActivitySpec spec = new ActivitySpec(id, workload, runs.resolve(id.toString()));
    long begin = System.nanoTime();
    var prepared = driver.prepare(spec);
    long made = System.nanoTime();
    Activity activity = prepared.start();
    long started = System.nanoTime();
    Exit exit = activity.await();
    long end = System.nanoTime();
    part[0] = made - begin;
    part[1] = started - made;
    part[2] = end - started;
    String out = new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT));
    activity.destroy();
    if (exit.code() != 3 || !out.equals("out\n")) {
      throw new IllegalStateException("the driver gave " + exit + " and '" + out + "'");
    }
    return end - begin;
  }

  /// What the driver asks of the engine, as the flags of `docker run` that ask the same.
  public static List<String> flags(String memory, String cpus, int processes) {
    List<String> flags = new ArrayList<>();
    flags.addAll(List.of("--init", "--network", "none", "--log-driver", "local"));
    flags.addAll(List.of("--log-opt", "max-size=64m", "--log-opt", "max-file=3"));
    flags.addAll(List.of("--log-opt", "compress=false", "--security-opt", "no-new-privileges"));
    flags.addAll(List.of("--memory", memory, "--memory-swap", memory, "--cpus", cpus));
    flags.addAll(List.of("--pids-limit", Integer.toString(processes), "--cap-drop", "ALL"));
    for (String capability : ContainerRequest.CAPABILITIES) {
      flags.addAll(List.of("--cap-add", capability));
    }
    return flags;
  }

  private static long client(DockerEngine engine) throws Exception {
    List<String> command = new ArrayList<>(engine.client("run", "--rm"));
    command.addAll(flags("64m", "1", 64));
    command.addAll(List.of("bench:1", "sh", "-c", "echo out; exit 3"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    long begin = System.nanoTime();
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes());
    int code = process.waitFor();
    long end = System.nanoTime();
    if (code != 3 || !out.equals("out\n")) {
      throw new IllegalStateException("docker run gave " + code + " and '" + out + "'");
    }
    return end - begin;
  }

  private static long median(List<Long> values) {
    long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static String spread(List<Long> values) {
    long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
    return Arrays.stream(new long[] {sorted[0], sorted[sorted.length - 1]})
        .mapToObj(nanos -> Long.toString(nanos / 1_000_000))
        .reduce((a, b) -> a + " to " + b)
        .orElse("");
  }
}
