package io.atoll.runtime.microvm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.docker.DockerDriver;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.DockerSettings;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DeepSuspend;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.OutputRecords;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import io.atoll.runtime.vm.TestImage;
import io.atoll.runtime.vm.VmDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How long suspending and resuming take, in place, for each driver; the payload counts in its
/// memory, and every number must be there at the end. Then the same for a microVM that gives its
/// memory back: time, size of the file, memory that is free again (a virtual machine's is in
/// `./dev soak vm-deep`). Argument: cycles in place (200); a twentieth of them are deep.
public final class SuspendBenchmark {
  private static final Resources SIZE = new Resources(1000, 128L << 20, 0);
  private static final String COUNTER =
      "x=$(head -c 16000000 /dev/zero | tr '\\0' x);"
          + " i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done";

  private final Path runs;
  private final int cycles;

  private SuspendBenchmark(Path runs, int cycles) {
    this.runs = runs;
    this.cycles = cycles;
  }

  public static void main(String[] arguments) throws Exception {
    int cycles = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
    Path folder = Files.createTempDirectory("atoll-bench");
    Path runs = Files.createDirectory(folder.resolve("runs"));
    SuspendBenchmark bench = new SuspendBenchmark(runs, cycles);
    Path plain = Files.createDirectory(folder.resolve("process"));
    bench.inPlace(
        new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), plain)), "process", plain);
    DockerEngine engine = DockerEngine.withoutNetwork();
    engine.start();
    TestImages.make(engine, "tools:1");
    try (DockerDriver docker =
        new DockerDriver(
            DockerSettings.loopback(engine.address(), "bench")
                .withSupervisor(SupervisorBinary.path()),
            (image, line) -> {})) {
      bench.inPlace(docker, "docker", runs);
    }
    MicrovmSettings settings = TestGuests.settings(folder.resolve("state"));
    try (MicrovmDriver microvm = new MicrovmDriver(settings, TestGuests.images())) {
      microvm.awaitTemplate(SIZE, Duration.ofSeconds(300));
      bench.inPlace(microvm, "microvm", runs);
      bench.deep(microvm, Math.max(3, cycles / 20));
    }
    ProcessDriver processes = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
    try (VmDriver vm = TestImage.clones(processes, folder)) {
      bench.inPlace(vm, "vm", runs);
    }
  }

  private Activity start(Driver driver, ActivitySpec spec) throws Exception {
    Activity activity = driver.prepare(spec).start();
    awaitMore(spec, 0);
    return activity;
  }

  private static ActivitySpec spec(String driver, Path runs) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            driver,
            switch (driver) {
              case "docker" -> "tools:1";
              case "microvm" -> "busybox:1";
              case "vm" -> TestImage.NAME;
              default -> null;
            },
            List.of("/bin/sh", "-c", COUNTER),
            Map.of(),
            driver.equals("vm") ? TestImage.SIZE : SIZE,
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    return new ActivitySpec(id, workload, runs.resolve(id.toString()));
  }

  private void inPlace(Driver driver, String name, Path folder) throws Exception {
    ActivitySpec spec = spec(name, folder);
    Activity activity = start(driver, spec);
    List<Long> out = new ArrayList<>();
    List<Long> back = new ArrayList<>();
    for (int i = 0; i < cycles; i++) {
      long begin = System.nanoTime();
      activity.suspend();
      long stood = System.nanoTime();
      Thread.sleep(10);
      long again = System.nanoTime();
      activity.resume();
      back.add(System.nanoTime() - again);
      out.add(stood - begin);
      Thread.sleep(20);
    }
    awaitMore(spec, length(spec));
    int numbers = end(activity, spec);
    System.out.printf(
        "%-8s %d cycles in place: suspend %s, resume %s; %d numbers, none left out%n",
        name, cycles, words(out), words(back), numbers);
  }

  private void deep(Driver driver, int rounds) throws Exception {
    ActivitySpec spec = spec("microvm", runs);
    Activity activity = start(driver, spec);
    List<Long> out = new ArrayList<>();
    List<Long> back = new ArrayList<>();
    long resident = 0;
    long file = 0;
    for (int i = 0; i < rounds; i++) {
      resident = MicrovmBenchmark.resident(spec.id());
      long begin = System.nanoTime();
      ((DeepSuspend) activity).suspendDeep();
      out.add(System.nanoTime() - begin);
      file = activity.usage().disk();
      if (MicrovmBenchmark.qemusOf(spec.id()) != 0 || activity.usage().memory() != 0) {
        throw new IllegalStateException("something of it is still in memory");
      }
      begin = System.nanoTime();
      activity.resume();
      back.add(System.nanoTime() - begin);
      awaitMore(spec, length(spec));
    }
    int numbers = end(activity, spec);
    System.out.printf(
        "microvm  %d times out of memory: out %s, back %s; file %.1f MiB; resident before %.1f MiB,"
            + " after 0; %d numbers, none left out%n",
        rounds, words(out), words(back), file / 1048576.0, resident / 1048576.0, numbers);
  }

  private static int end(Activity activity, ActivitySpec spec) throws Exception {
    activity.stop(Duration.ZERO);
    String[] lines = stdout(spec).split("\n");
    for (int i = 0; i < lines.length - 1; i++) {
      if (!lines[i].equals(String.valueOf(i + 1))) {
        throw new IllegalStateException("line " + (i + 1) + " is '" + lines[i] + "'");
      }
    }
    activity.destroy();
    return lines.length;
  }

  private static void awaitMore(ActivitySpec spec, int than) throws Exception {
    while (length(spec) <= than + 4) {
      Thread.sleep(5);
    }
  }

  private static int length(ActivitySpec spec) throws IOException {
    return Files.isDirectory(spec.folder()) ? stdout(spec).length() : 0;
  }

  private static String stdout(ActivitySpec spec) throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
  }

  private static String words(List<Long> nanos) {
    List<Long> sorted = nanos.stream().sorted().toList();
    return "p50 %.1f p95 %.1f ms"
        .formatted(sorted.get(sorted.size() / 2) / 1e6, sorted.get(sorted.size() * 95 / 100) / 1e6);
  }
}
