package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.OutputRecords;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;

/// Runs `escape.pl` as a sandboxed task, and small tasks for other tests.
final class Escape {
  private Escape() {}

  /// What the script printed: one line for each attempt, then `end`.
  static String attempt(ProcessDriver driver, Path runs) throws Exception {
    return attempt(driver, runs, Workload.Isolation.SANDBOX);
  }

  static String attempt(
      ProcessDriver driver, Path runs, Workload.Isolation isolation, NetworkCard... cards)
      throws Exception {
    ActivitySpec other = spec(runs, Workload.Isolation.SANDBOX, "echo secret > s; sleep 60", 1);
    Activity neighbour = driver.prepare(other).start();
    Process host = new ProcessBuilder("sleep", "60").start();
    try (InputStream in = Escape.class.getResourceAsStream("escape.pl")) {
      String script = new String(in.readAllBytes(), UTF_8);
      String foreign = other.folder().resolve("work/s").toString();
      List<String> command = List.of("perl", "-e", script, String.valueOf(host.pid()), foreign);
      ActivitySpec spec = with(spec(runs, isolation, command, 0), cards);
      Activity activity = driver.prepare(spec).start();
      Exit exit = activity.await();
      String out = text(spec, OutputChunk.Stream.STDOUT);
      String err = text(spec, OutputChunk.Stream.STDERR);
      activity.destroy();
      return exit.equals(Exit.of(0)) ? out : out + exit + "\n" + err;
    } finally {
      host.destroyForcibly();
      neighbour.destroy();
    }
  }

  static ActivitySpec with(ActivitySpec spec, NetworkCard... cards) {
    return new ActivitySpec(spec.id(), spec.workload(), spec.folder(), List.of(cards));
  }

  static NetworkCard card() {
    return new NetworkCard(
        NetworkId.random(new SecureRandom()),
        "net0",
        MacAddress.parse("02:00:00:00:77:01"),
        IpAddress.parse("10.77.0.2"),
        24,
        IpAddress.parse("fd00:77::2"),
        64,
        IpAddress.parse("10.77.0.1"),
        IpAddress.parse("fd00:77::1"),
        1400,
        "blue.internal",
        "web");
  }

  static ActivitySpec spec(Path runs, Workload.Isolation isolation, String script, long diskMi) {
    return spec(runs, isolation, List.of("/bin/sh", "-c", script), diskMi);
  }

  static ActivitySpec spec(
      Path runs, Workload.Isolation isolation, List<String> command, long diskMi) {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "process",
            null,
            command,
            Map.of(),
            new Resources(1000, 128L << 20, diskMi << 20),
            64,
            List.of(),
            false,
            isolation);
    return new ActivitySpec(id, workload, runs.resolve(id.toString()));
  }

  static String text(ActivitySpec spec, OutputChunk.Stream stream) throws Exception {
    return new String(OutputRecords.bytes(spec.folder(), stream), UTF_8);
  }
}
