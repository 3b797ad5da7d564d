package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskView;
import io.atoll.core.crash.CrashPoint;
import io.atoll.core.error.AtollException;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Kill -9 of provider and hub while containers come and go, at the points of a run and at random;
/// the engine's events are the witness. `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for more.
@Tag("real")
@Timeout(1500)
class ContainerCrashTest {
  private static final List<CrashPoint> POINTS =
      List.of(
          CrashPoint.RUN_PREPARING,
          CrashPoint.RUN_PREPARED,
          CrashPoint.RUN_STARTED,
          CrashPoint.RUN_ENDED,
          CrashPoint.PROVIDER_JOURNALLED);

  private record Expected(int exitCode, String output) {}

  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();

  @TempDir Path temp;

  private final Map<String, Expected> acknowledged = new ConcurrentHashMap<>();
  private final Map<String, Integer> kills = new TreeMap<>();
  private volatile boolean submitting = true;

  @Test
  void noContainerIsLostDoubledOrLeftBehind() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 7);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("container crash rounds: " + rounds + ", seed " + seed);
    Random random = new Random(seed);
    TestImages.make(ENGINE, "busy:1");
    try (ContainerWitness witness = new ContainerWitness(ENGINE);
        Pool pool =
            Pool.start(
                temp, 1, "--share-cpus", "0.4", "--docker-socket", ENGINE.address().getPath())) {
      Random own = new Random(random.nextLong());
      Thread submitter = Thread.ofVirtual().start(() -> submitAll(pool, own));
      for (int round = 0; round < rounds; round++) {
        Thread.sleep(random.nextInt(500));
        kill(pool, random, round);
      }
      submitting = false;
      submitter.join();
      List<String> wrong = verdict(pool, witness);
      System.out.println(
          "container crash rounds: " + acknowledged.size() + " containers, kills " + kills);
      assertThat(wrong).as("seed %d", seed).isEmpty();
      assertThat(acknowledged).isNotEmpty();
    }
  }

  private void kill(Pool pool, Random random, int round) throws Exception {
    DaemonProcess provider = pool.providers.getFirst();
    int which = round % (POINTS.size() + 2);
    if (which < POINTS.size()) {
      CrashPoint point = POINTS.get(which);
      provider.kill9();
      try {
        provider.start("-Datoll.crash=" + point.text() + ":" + (1 + random.nextInt(3)));
      } catch (IOException e) {
        // it reached the point before it was ready to say what it bound
      }
      assertThat(provider.awaitEnd(60)).as("%s was reached", point).isTrue();
      Thread.sleep(random.nextInt(300));
      provider.start();
      kills.merge(point.text(), 1, Integer::sum);
    } else if (which == POINTS.size()) {
      provider.kill9();
      pool.hub.kill9();
      Thread.sleep(random.nextInt(300));
      pool.hub.start();
      provider.start();
      kills.merge("both", 1, Integer::sum);
    } else {
      pool.hub.kill9();
      Thread.sleep(random.nextInt(300));
      pool.hub.start();
      kills.merge("hub", 1, Integer::sum);
    }
  }

  private void submitAll(Pool pool, Random own) {
    try {
      while (submitting) {
        submit(pool, own);
        Thread.sleep(own.nextInt(1200));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void submit(Pool pool, Random own) throws InterruptedException {
    int lines = 1 + own.nextInt(30);
    int exitCode = own.nextInt(100);
    String word = Long.toHexString(own.nextLong());
    String script =
        "i=0; while [ $i -lt %d ]; do echo %s $i; [ $((i %% 5)) = 3 ] && sleep 0.2; i=$((i+1)); done; exit %d"
            .formatted(lines, word, exitCode);
    String output =
        IntStream.range(0, lines)
            .mapToObj(i -> word + " " + i + "\n")
            .collect(Collectors.joining());
    String key = UUID.randomUUID().toString();
    while (submitting) {
      try {
        TaskView made = pool.client.create(Requests.container("busy:1", "sh", "-c", script), key);
        acknowledged.put(made.id().text(), new Expected(exitCode, output));
        return;
      } catch (AtollException e) {
        Thread.sleep(50); // the hub is down: the same key again
      }
    }
  }

  /// What is wrong, one line each.
  private List<String> verdict(Pool pool, ContainerWitness witness) throws Exception {
    List<String> wrong = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(300).toNanos();
    for (Map.Entry<String, Expected> entry : acknowledged.entrySet()) {
      judge(pool, witness, entry.getKey(), entry.getValue(), deadline, wrong);
    }
    Thread.sleep(10_000);
    wrong.addAll(witness.leftovers(new HashSet<>(acknowledged.keySet())));
    wrong.addAll(Witness.leftovers(acknowledged.keySet(), temp));
    return wrong;
  }

  private static void judge(
      Pool pool,
      ContainerWitness witness,
      String id,
      Expected expected,
      long deadline,
      List<String> wrong)
      throws Exception {
    TaskView view = pool.client.task(id, Duration.ofSeconds(5));
    while (!view.state().ended() && System.nanoTime() < deadline) {
      view = pool.client.task(id, Duration.ofSeconds(5));
    }
    Map<String, Integer> starts = witness.starts(id);
    if (starts.size() != 1 || !starts.containsValue(1)) {
      wrong.add(id + " began as " + starts);
    }
    if (!Integer.valueOf(expected.exitCode()).equals(view.exitCode())) {
      wrong.add(
          id
              + " "
              + view.state()
              + " "
              + view.exitCode()
              + " for "
              + expected.exitCode()
              + ": "
              + view.exitDetail());
    } else if (!pool.output(id).equals(expected.output())) {
      wrong.add(id + " its output is not what it wrote: " + pool.output(id));
    }
  }
}
