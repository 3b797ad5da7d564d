package io.atoll.e2e;

import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// A task that counts as long as it is let, a terminal that follows its output, and a command
/// beside it that counts, too: what is killed under them may cost neither a line.
final class Onlooker {
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  /// Counts until there is a file, and says how far it came.
  private static String counting(String until) {
    return "i=0; while [ ! -e /tmp/"
        + until
        + " ]; do i=$((i+1)); echo $i; sleep 0.05; done; echo end $i";
  }

  private final Pool pool;
  private final CommandLine cli;
  private final String driver;
  private final String id;
  private final Path followed;
  private final Path counted;
  private final Process follower;
  private final Process session;

  Onlooker(Pool pool, CommandLine cli, MixedLoad.Kind kind, Path folder) throws Exception {
    this.pool = pool;
    this.cli = cli;
    this.driver = kind.driver();
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("driver", driver);
    if (!kind.image().isEmpty()) {
      request.put("image", kind.image());
    }
    request.put("command", List.of("/bin/sh", "-c", counting("end-of-task")));
    request.put("cpus", kind.cpus());
    request.put("memory", kind.memory());
    this.id =
        pool.client
            .create(
                Json.mapper().convertValue(request, TaskRequest.class),
                UUID.randomUUID().toString())
            .id()
            .text();
    await().atMost(PATIENCE).until(() -> pool.client.task(id).state() == TaskState.RUNNING);
    this.followed = folder.resolve(driver + ".followed");
    this.counted = folder.resolve(driver + ".counted");
    this.follower = start(cli, followed, "logs", "-f", id);
    this.session =
        start(cli, counted, "exec", id, "--", "/bin/sh", "-c", counting("end-of-session"));
    await().atMost(PATIENCE).until(() -> Files.size(followed) > 20 && Files.size(counted) > 20);
  }

  private static Process start(CommandLine cli, Path out, String... words) throws IOException {
    Path file = Files.createFile(out);
    Path errors = out.resolveSibling(out.getFileName() + ".errors");
    return cli.start(file, errors, words);
  }

  String id() {
    return id;
  }

  /// Lets both end; what is wrong, one line each.
  List<String> verdict() throws Exception {
    List<String> wrong = new ArrayList<>();
    // The session first: with its task it is ended by force.
    touch("end-of-session", wrong);
    judge("exec", session, counted, wrong);
    touch("end-of-task", wrong);
    await().atMost(PATIENCE).until(() -> pool.client.task(id).state().ended());
    judge("logs -f", follower, followed, wrong);
    return wrong;
  }

  /// By a session of its own, which may end with its task.
  private void touch(String name, List<String> wrong) throws Exception {
    CommandLine.Result stop = cli.run("exec", id, "--", "/bin/sh", "-c", ": > /tmp/" + name);
    if (stop.status() != 0 && stop.status() != 137) {
      wrong.add(driver + " exec ended with " + stop.status() + ": " + stop.err());
    }
  }

  private void judge(String what, Process process, Path out, List<String> wrong) throws Exception {
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      wrong.add(driver + " " + what + " does not end");
      process.destroyForcibly();
    } else if (process.exitValue() != 0) {
      Path errors = out.resolveSibling(out.getFileName() + ".errors");
      wrong.add(
          driver
              + " "
              + what
              + " ended with "
              + process.exitValue()
              + ": "
              + Files.readString(errors));
    }
    List<String> lines = Files.readAllLines(out);
    for (int i = 0; i < lines.size(); i++) {
      boolean last = i == lines.size() - 1;
      String expected = last ? "end " + i : String.valueOf(i + 1);
      if (!lines.get(i).equals(expected)) {
        wrong.add(driver + " " + what + " line " + i + " is " + lines.get(i) + ", not " + expected);
        return;
      }
    }
    if (lines.size() < 2) {
      wrong.add(driver + " " + what + " said nothing");
    }
  }
}
