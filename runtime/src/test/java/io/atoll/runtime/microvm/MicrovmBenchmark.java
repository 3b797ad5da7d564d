package io.atoll.runtime.microvm;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.docker.DockerBenchmark;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.OutputRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How long a microVM takes from `prepare` to the return of `await`, as a copy of a template and
/// booted cold, against `docker run --rm` of the same files with the same command, alternated;
/// output and exit code are checked each time. Then how much memory a guest of 128 MiB takes.
/// Argument: rounds (20).
public final class MicrovmBenchmark {
  private static final Resources SIZE = new Resources(1000, 128L << 20, 0);
  private static final List<String> COMMAND = List.of("sh", "-c", "echo out; exit 3");

  private MicrovmBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20;
    DockerEngine engine = DockerEngine.withoutNetwork();
    engine.start();
    TestImages.make(engine, "bench:1");
    Path folder = Files.createTempDirectory("atoll-bench");
    Path runs = Files.createDirectory(folder.resolve("runs"));
    MicrovmSettings settings = TestGuests.settings(folder.resolve("state"));
    try (MicrovmDriver warm = new MicrovmDriver(settings, TestGuests.images());
        MicrovmDriver cold =
            new MicrovmDriver(
                MicrovmSettings.of(
                        settings.host().supervisor(), settings.guest(), folder.resolve("cold"))
                    .withTemplates(false),
                TestGuests.images())) {
      System.out.println(warm.fingerprint());
      warm.awaitTemplate(SIZE, Duration.ofSeconds(120));
      List<Long> copies = new ArrayList<>();
      List<Long> boots = new ArrayList<>();
      List<Long> containers = new ArrayList<>();
      List<long[]> parts = new ArrayList<>();
      for (int i = -3; i < rounds; i++) {
        long[] part = new long[3];
        long copy = guest(warm, runs, part);
        long container = container(engine);
        if (i >= 0) {
          copies.add(copy);
          containers.add(container);
          parts.add(part);
          if (i % 2 == 0) {
            boots.add(guest(cold, runs, new long[3]));
          }
        }
      }
      System.out.printf(
          "rounds %d%ndocker run --rm  %s%ncopy             %s%n  prepare %.0f  start %.0f  await"
              + " %.0f%ncold             %s%nratio copy %.2f  cold %.2f%n",
          rounds,
          words(containers),
          words(copies),
          median(parts.stream().map(part -> part[0]).toList()) / 1e6,
          median(parts.stream().map(part -> part[1]).toList()) / 1e6,
          median(parts.stream().map(part -> part[2]).toList()) / 1e6,
          words(boots),
          (double) median(copies) / median(containers),
          (double) median(boots) / median(containers));
      memory(warm, runs);
    }
  }

  private static ActivitySpec spec(Path runs, List<String> command) {
    RunId id = new RunId(TaskId.random(ThreadLocalRandom.current()), new Epoch(1, 1));
    return new ActivitySpec(
        id, TestGuests.workload(command, Map.of(), SIZE, 64), runs.resolve(id.toString()));
  }

  private static long guest(MicrovmDriver driver, Path runs, long[] part) throws Exception {
    ActivitySpec spec = spec(runs, COMMAND);
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

  private static long container(DockerEngine engine) throws Exception {
    List<String> command = new ArrayList<>(engine.client("run", "--rm"));
    command.addAll(DockerBenchmark.flags("128m", "1", 64));
    command.add("bench:1");
    command.addAll(COMMAND);
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

  /// Five guests at once, and what each QEMU has resident.
  private static void memory(MicrovmDriver driver, Path runs) throws Exception {
    List<Activity> activities = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      activities.add(driver.prepare(spec(runs, List.of("sleep", "1000"))).start());
    }
    Thread.sleep(2000);
    for (Activity activity : activities) {
      Path status = Path.of("/proc/" + qemuOf(activity.id()) + "/status");
      StringBuilder line = new StringBuilder("resident");
      for (String key : List.of("VmRSS", "RssAnon", "RssFile", "RssShmem")) {
        Matcher matcher = Pattern.compile(key + ":\\s+(\\d+)").matcher(Files.readString(status));
        line.append(
            matcher.find() ? " " + key + " " + Long.parseLong(matcher.group(1)) / 1024 : "");
      }
      System.out.println(line);
      activity.destroy();
    }
  }

  /// The process of QEMU that belongs to a run, by the variable that its supervisor gave it.
  static long qemuOf(RunId id) {
    return qemus(id).findFirst().orElseThrow().pid();
  }

  /// Bytes of memory that the QEMU of a run has.
  static long resident(RunId id) throws IOException {
    Path status = Path.of("/proc/" + qemuOf(id) + "/status");
    Matcher matcher = Pattern.compile("VmRSS:\\s+(\\d+)").matcher(Files.readString(status));
    return matcher.find() ? Long.parseLong(matcher.group(1)) << 10 : 0;
  }

  static long qemusOf(RunId id) {
    return qemus(id).count();
  }

  private static Stream<ProcessHandle> qemus(RunId id) {
    return ProcessHandle.allProcesses()
        .filter(each -> each.info().command().orElse("").contains("qemu-system"))
        .filter(each -> environment(each.pid()).contains("ATOLL_RUN=" + id + "\0"));
  }

  private static String environment(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/environ")) + "\0";
    } catch (IOException e) {
      return "";
    }
  }

  private static String words(List<Long> values) {
    long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
    return "median %.0f ms  (%d to %d, n=%d)"
        .formatted(
            median(values) / 1e6,
            sorted[0] / 1_000_000,
            sorted[sorted.length - 1] / 1_000_000,
            sorted.length);
  }

  private static long median(List<Long> values) {
    long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }
}
