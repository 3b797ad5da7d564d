package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.LogSink;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.crash.CrashPoint;
import io.atoll.core.error.AtollException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Kills daemons and supervisors under load, round after round, and then asks the witness.
///
/// Every acknowledged task has to end; its payload may begin once in an epoch, and once in all
/// unless its runs before provably never began; its exit code and output are the payload's own.
/// Only
/// a task whose supervisor was killed here may end otherwise.
final class CrashRounds {
  private record Expected(int exitCode, String hash, boolean bare) {}

  private final Pool pool;
  private final Path data;
  private final Witness witness;
  private final Random random;
  private final Map<String, Expected> acknowledged = new ConcurrentHashMap<>();
  private final Set<String> supervisorsKilled = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> kills = new TreeMap<>();
  private volatile boolean submitting = true;
  private volatile String lastRefusal = "none";

  CrashRounds(Pool pool, Path data, Witness witness, long seed) {
    this.pool = pool;
    this.data = data;
    this.witness = witness;
    this.random = new Random(seed);
  }

  /// Plays the rounds; every crash point comes in turn, random kills between them.
  void play(int rounds) throws Exception {
    List<Thread> submitters =
        List.of(submitter(random.nextLong(), true), submitter(random.nextLong(), false));
    CrashPoint[] points = CrashPoint.values();
    for (int round = 0; round < rounds; round++) {
      Thread.sleep(random.nextInt(400));
      if (round % 2 == 0) {
        crashAt(points[round / 2 % points.length]);
      } else {
        killAtRandom();
      }
    }
    submitting = false;
    for (Thread submitter : submitters) {
      submitter.join();
    }
  }

  Map<String, Integer> kills() {
    return kills;
  }

  String count() {
    long bare = acknowledged.values().stream().filter(Expected::bare).count();
    return bare
        + " bare and "
        + (acknowledged.size() - bare)
        + " sandboxed tasks; last refusal: "
        + lastRefusal;
  }

  int tasks() {
    return acknowledged.size();
  }

  private void crashAt(CrashPoint point) throws Exception {
    boolean ofHub = point.name().startsWith("HUB");
    DaemonProcess victim =
        ofHub ? pool.hub : pool.providers.get(random.nextInt(pool.providers.size()));
    victim.kill9();
    int times = 1 + random.nextInt(ofHub ? 20 : 8);
    try {
      victim.start("-Datoll.crash=" + point.text() + ":" + times);
      victim.awaitEnd(10);
    } catch (IOException e) {
      // it reached the point before it was ready to say what it bound
    }
    assertThat(victim.awaitEnd(20))
        .as("%s was reached %d times within 30 s; log %s", point, times, victim.log())
        .isTrue();
    victim.start();
    kills.merge(point.text(), 1, Integer::sum);
  }

  private void killAtRandom() throws Exception {
    switch (random.nextInt(4)) {
      case 0 -> {
        restart(pool.hub);
        kills.merge("hub", 1, Integer::sum);
      }
      case 1 -> {
        restart(pool.providers.get(random.nextInt(pool.providers.size())));
        kills.merge("provider", 1, Integer::sum);
      }
      case 2 -> {
        DaemonProcess provider = pool.providers.get(random.nextInt(pool.providers.size()));
        pool.hub.kill9();
        restart(provider);
        pool.hub.start();
        kills.merge("both", 1, Integer::sum);
      }
      default -> {
        List<Witness.Supervisor> all = Witness.supervisors(data);
        if (!all.isEmpty()) {
          Witness.Supervisor victim = all.get(random.nextInt(all.size()));
          supervisorsKilled.add(victim.run().substring(0, 13));
          ProcessHandle.of(victim.pid()).ifPresent(ProcessHandle::destroyForcibly);
          kills.merge("supervisor", 1, Integer::sum);
        }
      }
    }
  }

  private void restart(DaemonProcess daemon) throws IOException, InterruptedException {
    daemon.kill9();
    Thread.sleep(random.nextInt(200));
    daemon.start();
  }

  private Thread submitter(long seed, boolean bare) {
    return Thread.ofVirtual()
        .start(
            () -> {
              Random own = new Random(seed);
              while (submitting) {
                submit(own, bare);
                try {
                  Thread.sleep(own.nextInt(150));
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
  }

  private void submit(Random own, boolean bare) {
    int lines = 1 + own.nextInt(40);
    int exitCode = own.nextInt(100);
    String word = Long.toHexString(own.nextLong());
    StringBuilder output = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      output.append(word).append(' ').append(i).append('\n');
    }
    String script =
        (bare ? witness.line() : "")
            + "i=0; while [ $i -lt "
            + lines
            + " ]; do echo "
            + word
            + " $i; [ $((i % 7)) = 3 ] && sleep 0.1; i=$((i+1)); done; exit "
            + exitCode;
    TaskRequest request =
        Requests.task(
            "process", null, own.nextBoolean() ? "p1" : "p2", bare, "/bin/sh", "-c", script);
    String key = UUID.randomUUID().toString();
    while (submitting) {
      try {
        TaskView made = pool.client.create(request, key);
        acknowledged.put(made.id().text(), new Expected(exitCode, hash(output.toString()), bare));
        return;
      } catch (AtollException e) {
        // the hub is down: the same key again
        lastRefusal = e.code() + " " + e.getMessage();
      } catch (InterruptedException e) {
        return;
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// What is wrong, one line each; nothing wrong = empty.
  List<String> verdict(Duration patience) throws Exception {
    List<String> wrong = new ArrayList<>();
    long deadline = System.nanoTime() + patience.toNanos();
    for (Map.Entry<String, Expected> entry : acknowledged.entrySet()) {
      judge(entry.getKey(), entry.getValue(), deadline, wrong);
    }
    Thread.sleep(10_000);
    wrong.addAll(Witness.leftovers(acknowledged.keySet(), data));
    return wrong;
  }

  private void judge(String id, Expected expected, long deadline, List<String> wrong)
      throws Exception {
    TaskView view = awaitEnd(id, deadline);
    if (view == null || !view.state().ended()) {
      wrong.add(id + " lost or never ended: " + (view == null ? "unknown" : view.state()));
      return;
    }
    Map<String, Integer> starts = witness.starts(id);
    starts.forEach(
        (epoch, times) -> {
          if (times > 1) {
            wrong.add(id + " began " + times + " times in epoch " + epoch);
          }
        });
    if (starts.size() > 1) {
      wrong.add(id + " began in several epochs: " + starts.keySet());
    }
    boolean killed = supervisorsKilled.contains(id);
    Integer code = view.exitCode();
    if (code == null || code != expected.exitCode()) {
      if (!killed || view.state() != TaskState.FAILED) {
        wrong.add(id + " exit " + code + " for " + expected.exitCode() + ": " + view.exitDetail());
      }
      return;
    }
    if (expected.bare() && starts.isEmpty()) {
      wrong.add(id + " is said to have ended, and never began");
    }
    String hash = hash(output(id));
    if (!hash.equals(expected.hash())) {
      wrong.add(id + " its output is not what it wrote");
    }
  }

  /// Looks at least once: to judge thousands of tasks takes longer than any of them may take.
  private TaskView awaitEnd(String id, long deadline) throws InterruptedException {
    TaskView view = null;
    do {
      try {
        view = pool.client.task(id, Duration.ofSeconds(5));
        if (view.state().ended()) {
          return view;
        }
      } catch (AtollException e) {
        Thread.sleep(100);
      }
    } while (System.nanoTime() < deadline);
    return view;
  }

  private String output(String id) throws InterruptedException, IOException {
    StringBuilder all = new StringBuilder();
    pool.client.logs(
        id,
        null,
        0,
        true,
        new LogSink() {
          @Override
          public void output(OutputEvents.Output piece) {
            all.append(new String(piece.data(), StandardCharsets.UTF_8));
          }

          @Override
          public void dropped(long from, long until) {
            all.append("[dropped]");
          }
        });
    return all.toString();
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
