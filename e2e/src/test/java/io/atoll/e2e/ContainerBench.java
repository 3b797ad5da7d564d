package io.atoll.e2e;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import io.atoll.core.os.FolderRemoval;
import io.atoll.runtime.docker.DockerBenchmark;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/// A container from submit to exit through the API, durable at hub and provider, against
/// `docker run` of the same warm image with the same flags at the same engine; alternated.
/// Output and exit code are checked each time. `main(ROUNDS)`.
final class ContainerBench {
  private static final String IMAGE = "bench:1";
  private static final String BASELINE = "baseline";
  private static final List<String> COMMAND = List.of("sh", "-c", "echo out; exit 3");

  private ContainerBench() {}

  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    DockerEngine engine = DockerEngine.withoutNetwork();
    engine.start();
    TestImages.make(engine, IMAGE);
    Path folder = Files.createTempDirectory("atoll-bench-");
    try (Pool pool = Pool.start(folder, 1, "--docker-socket", engine.address().getPath())) {
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int round = -5; round < rounds; round++) {
        double us = task(pool);
        double they = dockerRun(engine);
        if (round >= 0) {
          ours.add(us);
          theirs.add(they);
        }
      }
      print("docker run, ms", theirs);
      print("submit to exit through the API, ms", ours);
      System.out.printf(Locale.ROOT, "ratio %.3f%n", median(ours) / median(theirs));
    } finally {
      FolderRemoval.remove(folder);
    }
  }

  private static double task(Pool pool) throws InterruptedException {
    HubClient client = pool.client;
    TaskRequest request =
        new TaskRequest(
            null, "docker", IMAGE, COMMAND, null, "1", "64Mi", null, null, null, null, null, null,
            null, null, null, null, 64, null);
    long begin = System.nanoTime();
    TaskView made = client.create(request, UUID.randomUUID().toString());
    TaskView ended = client.task(made.id().text(), Duration.ofSeconds(60));
    double millis = (System.nanoTime() - begin) / 1e6;
    String output = pool.output(made.id().text());
    if (!Integer.valueOf(3).equals(ended.exitCode()) || !output.equals("out\n")) {
      throw new IllegalStateException(ended + " wrote '" + output + "'");
    }
    return millis;
  }

  private static double dockerRun(DockerEngine engine) throws Exception {
    List<String> command = new ArrayList<>(engine.client("run", "--name", BASELINE));
    command.addAll(DockerBenchmark.flags("64m", "1", 64));
    command.add(IMAGE);
    command.addAll(COMMAND);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    long begin = System.nanoTime();
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes());
    int code = process.waitFor();
    double millis = (System.nanoTime() - begin) / 1e6;
    removeBaseline(engine);
    if (code != 3 || !out.equals("out\n")) {
      throw new IllegalStateException("docker run gave " + code + " and '" + out + "'");
    }
    return millis;
  }

  /// Outside of what is measured: our container, too, stays until its task is deleted.
  private static void removeBaseline(DockerEngine engine) throws Exception {
    Process process =
        new ProcessBuilder(engine.client("rm", BASELINE))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IllegalStateException("docker rm " + BASELINE + " failed");
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static void print(String what, List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    System.out.printf(
        Locale.ROOT,
        "%-36s n=%d p50 %.1f p95 %.1f min %.1f max %.1f%n",
        what,
        sorted.size(),
        median(values),
        sorted.get((int) (sorted.size() * 0.95)),
        sorted.getFirst(),
        sorted.getLast());
  }
}
