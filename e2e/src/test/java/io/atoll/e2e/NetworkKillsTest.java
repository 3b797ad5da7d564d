package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.LogSink;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskState;
import io.atoll.e2e.LabPool.Member;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Kill -9 of each provider's daemon under a network, with one connection at full rate and others
/// that count, and with a guest that is suspended meanwhile: `./dev soak network-kills`, or
/// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`.
///
/// ```
///   a, process on p1 ══ as much as goes ══▶ b, container on p2
///          ▲   └───────── ticks ───────────▶ b, c
///          └─────────── counts ──────────── c, microVM on p3, suspended every other time
/// ```
@Tag("real")
@Timeout(10_800)
@EnabledOnOs(OS.LINUX)
class NetworkKillsTest {
  private static final int ROUNDS = Integer.getInteger("atoll.fuzz.rounds", 0);

  /// From when a daemon says that it is there. In the suite other tests share the machine: there
  /// this only finds what waits for a timer of the protocol.
  private static final long PROMISE_MILLIS = ROUNDS > 0 ? 3000 : 12_000;

  /// For what was under way: TCP waits twice as long each time before it tries again.
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir Path folder;
  private LabPool labs;
  private Member a;
  private Member b;
  private Member c;
  private Journal ofA;
  private Journal ofC;
  private final Map<Member, String> cards = new HashMap<>();
  private final List<Long> waits = new ArrayList<>();

  @AfterEach
  void stop() {
    if (labs != null) {
      labs.close();
    }
  }

  private void start() throws Exception {
    labs = LabPool.start(folder, ENGINE, REGISTRY, false);
    labs.network("mynet", null);
    b = labs.join("b", "docker", "p2", "mynet", null, "exec ./member serve b");
    labs.awaitSaid(b, "serving");
    a =
        labs.join(
            "a",
            "process",
            "p1",
            "mynet",
            null,
            "./member serve a & ./member flow b.mynet.internal &"
                + " ./member tick b b.mynet.internal & ./member tick c c.mynet.internal & wait");
    c =
        labs.join(
            "c",
            "microvm",
            "p3",
            "mynet",
            null,
            "./member serve c & ./member hold a.mynet.internal & wait");
    ofA = new Journal(a);
    ofC = new Journal(c);
    for (String word : List.of("flow", "tick-b", "tick-c")) {
      await().atMost(PATIENCE).until(() -> ofA.last(word).value() > 0);
    }
    await().atMost(PATIENCE).until(() -> ofC.last("held").value() > 0);
    for (Member one : List.of(a, b, c)) {
      cards.put(one, look(one));
      assertThat(cards.get(one))
          .contains("net0 " + one.v4() + "\n")
          .contains("net0 " + one.v6() + "\n");
    }
  }

  @Test
  void connectionsAndCardsOutliveTheDaemons() throws Exception {
    int rounds = Math.max(1, ROUNDS);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("kills under a network: " + rounds + " rounds, seed " + seed);
    Random random = new Random(seed);
    start();
    long began = System.currentTimeMillis();
    Line first = ofA.last("flow");
    for (int round = 0; round < rounds; round++) {
      List<Member> order = new ArrayList<>(List.of(a, b, c));
      Collections.shuffle(order, random);
      for (Member victim : order) {
        boolean asleep = victim.equals(c) ? round % 2 == 0 : random.nextInt(4) == 0;
        kill(victim, asleep, random, "round " + round + ", seed " + seed);
      }
    }
    Line last = ofA.last("flow");
    Collections.sort(waits);
    System.out.printf(
        "%d kills: packets after %d ms at the median, %d at the most; %.1f Mbit/s in all%n",
        waits.size(),
        waits.get(waits.size() / 2),
        waits.getLast(),
        (last.value() - first.value()) * 8e-3 / (System.currentTimeMillis() - began));
    assertThat(labs.said(b)).doesNotContain("DAMAGED");
  }

  private void kill(Member victim, boolean asleep, Random random, String when) throws Exception {
    if (asleep) {
      labs.pool().client.suspend(c.task(), false);
      awaitState(TaskState.SUSPENDED);
    }
    DaemonProcess daemon = labs.provider(victim.node());
    String what = when + ", " + victim.node() + (asleep ? ", c suspended" : "");
    Thread.sleep(random.nextInt(1000));
    daemon.kill9();
    long killed = System.currentTimeMillis();
    Thread.sleep(random.nextInt(2000));
    daemon.start(180);
    long back = System.currentTimeMillis();
    labs.pool().awaitOnline(3);
    if (victim.equals(c) && asleep) {
      wake();
      back = System.currentTimeMillis();
    }
    String word = victim.equals(c) ? "tick-c" : "tick-b";
    Line next = ofA.await(word, killed + 200);
    waits.add(Math.max(0, next.millis() - back));
    assertThat(next.millis() - back).as("%s: packets", what).isLessThanOrEqualTo(PROMISE_MILLIS);
    if (asleep && !victim.equals(c)) {
      wake();
    }
    // What was open goes on: the full one to b, and c's to a.
    long far = ofA.last("flow").value();
    await(what + ": the flow").atMost(PATIENCE).until(() -> ofA.last("flow").value() > far);
    long count = ofC.last("held").value();
    await(what + ": c's count").atMost(PATIENCE).until(() -> ofC.last("held").value() > count + 5);
    assertThat(ofA.said()).as(what).doesNotContain("FAILED");
    assertThat(ofC.said()).as(what).doesNotContain("FAILED");
    assertThat(look(victim)).as(what).isEqualTo(cards.get(victim));
  }

  private void wake() {
    labs.pool().client.resume(c.task());
    awaitState(TaskState.RUNNING);
  }

  private void awaitState(TaskState state) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> labs.pool().client.task(c.task()).state() == state);
  }

  private String look(Member one) throws Exception {
    return labs.beside(one, "/tmp/member", "look");
  }

  /// @param value 0 = there is none yet
  private record Line(long millis, long value) {
    static final Line NONE = new Line(0, 0);
  }

  /// What a member has said of its connections; only what is new is asked for.
  private final class Journal {
    private final Member who;
    private final StringBuilder half = new StringBuilder();
    private final StringBuilder failures = new StringBuilder();
    private final Map<String, List<Line>> lines = new HashMap<>();
    private long offset;

    Journal(Member who) {
      this.who = who;
    }

    Line last(String word) throws InterruptedException {
      read();
      List<Line> all = lines.getOrDefault(word, List.of());
      return all.isEmpty() ? Line.NONE : all.getLast();
    }

    /// The first line since then.
    Line await(String word, long since) {
      return org.awaitility.Awaitility.await(word)
          .ignoreExceptions() // its node may not have come back to its hub
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> first(word, since), line -> !line.equals(Line.NONE));
    }

    private Line first(String word, long since) throws InterruptedException {
      read();
      return lines.getOrDefault(word, List.of()).stream()
          .filter(line -> line.millis() >= since)
          .findFirst()
          .orElse(Line.NONE);
    }

    String said() {
      return failures.toString();
    }

    private void read() throws InterruptedException {
      labs.pool()
          .client
          .logs(
              who.task(),
              null,
              offset,
              false,
              new LogSink() {
                @Override
                public void output(OutputEvents.Output piece) {
                  half.append(new String(piece.data(), StandardCharsets.US_ASCII));
                  offset = piece.offset() + piece.data().length;
                }

                @Override
                public void dropped(long from, long until) {
                  failures.append("FAILED: output was dropped\n");
                  offset = until;
                }
              });
      for (int end = half.indexOf("\n"); end >= 0; end = half.indexOf("\n")) {
        take(half.substring(0, end));
        half.delete(0, end + 1);
      }
    }

    private void take(String line) {
      String[] words = line.split(" ");
      if (words.length == 3 && words[1].matches("\\d+")) {
        Line made = new Line(Long.parseLong(words[1]), Long.parseLong(words[2]));
        lines.computeIfAbsent(words[0], _ -> new ArrayList<>()).add(made);
      } else if (!line.startsWith("serving ")) {
        failures.append(line).append('\n');
      }
    }
  }
}
