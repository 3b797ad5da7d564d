package io.atoll.e2e;

import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.runtime.docker.DockerEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Lets attacks loose on one driver, watches the machine meanwhile, ends them, and says what was
/// wrong.
///
/// @param seconds that an attack is watched, if it does not end before
/// @param output bytes of the flood of output
record HostileRound(
    Pool pool,
    DockerEngine engine,
    Path folder,
    Canary canary,
    Neighbour neighbour,
    Latency waking,
    Latency api,
    int seconds,
    long output) {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /// MiB that journals, stores and logs may grow by.
  private static final int NOTES = 16;

  /// @param rate of the neighbour, of what it has alone
  record Outcome(
      HostileGuest guest,
      String attack,
      Latency.Figures waking,
      Latency.Figures api,
      double rate,
      Inhabitants most,
      long disk,
      String end,
      List<String> wrong) {
    static final String HEAD =
        "driver   attack        wakes late ms (p50/p99/max)  API ms (p50/p99/max)       rate"
            + "  processes  MiB  disk MiB  end";

    String line() {
      return String.format(
          Locale.ROOT,
          "%-8s %-13s %-28s %-26s %4.2f  %9d %4d  %8d  %s%s",
          guest.driver(),
          attack,
          waking.text(),
          api.text(),
          rate,
          most.processes(),
          most.memory() >> 20,
          disk,
          end,
          wrong.isEmpty() ? "" : " " + wrong);
    }

    /// Whether the machine stayed as responsive as promised.
    boolean isCalm() {
      return waking.quantile(0.99) <= 25 && api.quantile(0.99) <= 100 && rate >= 0.3;
    }
  }

  /// Plays some attacks on one driver at the same time.
  Outcome play(HostileGuest guest, List<Attack> attacks) throws Exception {
    double alone = rate(seconds);
    List<String> wrong = new ArrayList<>();
    long before = disk();
    Map<String, Attack> tasks = new LinkedHashMap<>();
    for (Attack attack : attacks) {
      String id =
          pool.client
              .create(guest.request(attack.script(canary, output)), UUID.randomUUID().toString())
              .id()
              .text();
      tasks.put(id, attack);
    }
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> tasks.keySet().stream().allMatch(this::hasBegun));
    waking.take();
    api.take();
    long done = neighbour.done();
    long began = System.nanoTime();
    Inhabitants most = Inhabitants.NONE;
    do {
      Thread.sleep(200);
      for (String id : tasks.keySet()) {
        most = most.most(Inhabitants.of(group(guest, id)));
      }
    } while (seconds(began) < seconds
        || attacks.getFirst().isEscape()
            && !allEnded(tasks.keySet())
            && seconds(began) < PATIENCE.toSeconds());
    double rate = (neighbour.done() - done) / seconds(began) / alone;
    Latency.Figures late = waking.take();
    Latency.Figures requests = api.take();
    long grown = disk() - before;
    judgeLimits(guest, attacks, most, grown, wrong);
    StringBuilder end = new StringBuilder();
    for (Map.Entry<String, Attack> task : tasks.entrySet()) {
      end.append(end.isEmpty() ? "" : ", ").append(end(task.getKey()));
      judge(guest, task.getValue(), task.getKey(), wrong);
      pool.client.delete(task.getKey());
    }
    awaitNothingLeft(tasks.keySet(), before, wrong);
    wrong.addAll(canary.changes());
    if (pool.client.task(neighbour.id()).state().ended()) {
      wrong.add("the neighbour ended");
    }
    String name =
        attacks.size() == 1
            ? attacks.getFirst().name().toLowerCase(Locale.ROOT).replace('_', '-')
            : "escapes";
    return new Outcome(
        guest, name, late, requests, rate, most, grown, end.toString(), List.copyOf(wrong));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private double rate(int seconds) throws InterruptedException {
    long done = neighbour.done();
    long began = System.nanoTime();
    Thread.sleep(1000L * seconds);
    return Math.max(1, neighbour.done() - done) / seconds(began);
  }

  private boolean hasBegun(String id) {
    return switch (pool.client.task(id).state()) {
      case QUEUED, STARTING -> false;
      case RUNNING, SUSPENDED, STOPPING, SUCCEEDED, FAILED, STOPPED -> true;
    };
  }

  private boolean allEnded(Set<String> tasks) {
    return tasks.stream().allMatch(id -> pool.client.task(id).state().ended());
  }

  /// How the control group of a task is named.
  private String group(HostileGuest guest, String id) throws IOException {
    if (!guest.driver().equals("docker")) {
      return id;
    }
    for (String line :
        engine
            .docker("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Label \"io.atoll.run\"}}")
            .split("\n")) {
      if (line.contains(id)) {
        return line.substring(0, line.indexOf(' '));
      }
    }
    return id;
  }

  /// MiB in the folders of daemons and engine.
  private long disk() throws IOException, InterruptedException {
    Path data = Path.of(engine.address().getPath()).resolveSibling("data");
    Process du =
        new ProcessBuilder("du", "-xsmc", folder.toString(), data.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(du.getInputStream().readAllBytes());
    du.waitFor();
    return Long.parseLong(said.lines().reduce((a, b) -> b).orElseThrow().split("\t")[0]);
  }

  private static void judgeLimits(
      HostileGuest guest, List<Attack> attacks, Inhabitants most, long grown, List<String> wrong) {
    int count = attacks.size();
    if (most.processes() > count * (HostileGuest.MOST_PROCESSES + 8)) {
      wrong.add(most.processes() + " processes at once");
    }
    if (most.memory() >> 20 > (long) count * (guest.memory() + guest.overhead())) {
      wrong.add((most.memory() >> 20) + " MiB of memory");
    }
    long allowed = guest.disk() + (attacks.contains(Attack.OUTPUT) ? guest.output() : 0);
    if (grown > allowed * count + NOTES) {
      wrong.add(grown + " MiB of disk, of " + allowed);
    }
  }

  /// Ends a task that goes on; how it ended.
  private String end(String id) throws InterruptedException {
    TaskView view = pool.client.task(id);
    if (!view.state().ended()) {
      long began = System.nanoTime();
      pool.client.stop(id);
      while (!view.state().ended() && seconds(began) < PATIENCE.toSeconds()) {
        view = pool.client.task(id, Duration.ofSeconds(5));
      }
      return String.format(Locale.ROOT, "%s in %.1f s", view.state(), seconds(began));
    }
    return view.state() + " " + view.exitCode() + " " + view.exitDetail();
  }

  private void judge(HostileGuest guest, Attack attack, String id, List<String> wrong)
      throws InterruptedException {
    TaskView view = pool.client.task(id);
    if (!view.state().ended()) {
      wrong.add(attack + " could not be ended: " + view.state());
    }
    if (!attack.isEscape()) {
      return;
    }
    String said = pool.output(id);
    if (said.contains(canary.secret())) {
      wrong.add(attack + " read the secret");
    }
    if (!said.contains("\nend\n")) {
      wrong.add(attack + " was not tried: " + said + view.exitDetail());
    }
    said.lines()
        .filter(line -> line.startsWith("WORKED"))
        .filter(line -> !guest.ownKernel() || line.startsWith("WORKED host"))
        .forEach(line -> wrong.add(attack + ": " + line));
  }

  private void awaitNothingLeft(Set<String> tasks, long before, List<String> wrong)
      throws Exception {
    List<String> left = new ArrayList<>();
    long began = System.nanoTime();
    do {
      Thread.sleep(100);
      left.clear();
      left.addAll(Witness.leftovers(tasks, folder));
      left.removeIf(one -> one.contains(neighbour.id()));
      left.addAll(Witness.mountsAndSockets(tasks));
      left.addAll(ContainerWitness.leftovers(engine, tasks));
      if (left.isEmpty() && disk() - before > NOTES) {
        left.add(disk() - before + " MiB of disk");
      }
    } while (!left.isEmpty() && seconds(began) < 30);
    wrong.addAll(left);
    for (String id : tasks) {
      try {
        wrong.add("deleted and still there: " + pool.client.task(id).state());
      } catch (AtollException e) {
        // gone
      }
    }
  }
}
