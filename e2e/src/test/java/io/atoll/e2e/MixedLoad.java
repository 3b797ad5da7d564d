package io.atoll.e2e;

import io.atoll.client.LogSink;
import io.atoll.client.api.EventView;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Short tasks of several drivers, submitted until told to stop, and what became of them. Each says
/// on its output that it begins, with a number that its system made up, then counts, and ends with
/// a code of its own: a run that began twice, lost output or another end shows.
final class MixedLoad {
  /// What is submitted.
  ///
  /// @param image the empty string = none
  /// @param bare without a sandbox: it also tells the witness, in a file
  /// @param cpus cores; a machine with a tenth of one takes minutes to begin
  /// @param pause ms at most between one's end and the next
  record Kind(String driver, String image, boolean bare, String cpus, String memory, int pause) {
    String label() {
      return bare ? "bare" : driver;
    }
  }

  private record Expected(Kind kind, int exitCode, String word, int lines) {}

  private final Pool pool;
  private final Witness files;
  private final ContainerWitness containers;
  private final Map<String, Expected> acknowledged = new ConcurrentHashMap<>();

  /// The last one of each kind, by label.
  private final Map<String, String> newest = new ConcurrentHashMap<>();
  private final List<Thread> submitters = new ArrayList<>();
  private volatile boolean submitting = true;

  MixedLoad(Pool pool, Witness files, ContainerWitness containers) {
    this.pool = pool;
    this.files = files;
    this.containers = containers;
  }

  void begin(Kind kind, long seed) {
    submitters.add(Thread.ofVirtual().start(() -> submitAll(kind, new Random(seed))));
  }

  void end() throws InterruptedException {
    submitting = false;
    for (Thread submitter : submitters) {
      submitter.join();
    }
  }

  Set<String> tasks() {
    return acknowledged.keySet();
  }

  /// How many, by kind.
  Map<String, Long> count() {
    return acknowledged.values().stream()
        .collect(
            Collectors.groupingBy(
                expected -> expected.kind().label(), TreeMap::new, Collectors.counting()));
  }

  private void submitAll(Kind kind, Random own) {
    try {
      while (submitting) {
        String id = submit(kind, own);
        // One after the other: what is killed has to be made again by cores that others use, too.
        while (submitting && !hasEnded(id)) {
          Thread.sleep(100);
        }
        Thread.sleep(own.nextInt(kind.pause()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether the newest of a kind runs now.
  boolean runs(String label) {
    String id = newest.get(label);
    try {
      return id != null && pool.client.task(id).state() == TaskState.RUNNING;
    } catch (AtollException e) {
      return false;
    }
  }

  private boolean hasEnded(String id) {
    try {
      return id.isEmpty() || pool.client.task(id).state().ended();
    } catch (AtollException e) {
      return false;
    }
  }

  private String submit(Kind kind, Random own) throws InterruptedException {
    Expected expected =
        new Expected(kind, own.nextInt(100), Long.toHexString(own.nextLong()), 1 + own.nextInt(30));
    String script =
        (kind.bare() ? files.line() : "")
            + "echo begin %s $ATOLL_EPOCH $(cat /proc/sys/kernel/random/uuid)\n"
                .formatted(expected.word)
            + "i=0; while [ $i -lt %d ]; do echo %s $i; [ $((i %% 5)) = 3 ] && sleep 0.2; i=$((i+1)); done; exit %d"
                .formatted(expected.lines, expected.word, expected.exitCode);
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("driver", kind.driver());
    if (!kind.image().isEmpty()) {
      request.put("image", kind.image());
    }
    request.put("command", List.of("/bin/sh", "-c", script));
    request.put("cpus", kind.cpus());
    request.put("memory", kind.memory());
    request.put("unsandboxed", kind.bare());
    String key = UUID.randomUUID().toString();
    while (submitting) {
      try {
        TaskView made =
            pool.client.create(Json.mapper().convertValue(request, TaskRequest.class), key);
        acknowledged.put(made.id().text(), expected);
        newest.put(kind.label(), made.id().text());
        return made.id().text();
      } catch (AtollException e) {
        Thread.sleep(50); // the same key again
      }
    }
    return "";
  }

  /// What is wrong, one line each.
  List<String> verdict(Duration patience) throws Exception {
    List<String> wrong = new ArrayList<>();
    long deadline = System.nanoTime() + patience.toNanos();
    for (Map.Entry<String, Expected> entry : acknowledged.entrySet()) {
      judge(entry.getKey(), entry.getValue(), deadline, wrong);
    }
    return wrong;
  }

  private void judge(String id, Expected expected, long deadline, List<String> wrong)
      throws Exception {
    String who = expected.kind().label() + " " + id;
    TaskView view = pool.client.task(id, Duration.ofSeconds(5));
    while (!view.state().ended() && System.nanoTime() < deadline) {
      view = pool.client.task(id, Duration.ofSeconds(5));
    }
    if (!Integer.valueOf(expected.exitCode()).equals(view.exitCode())) {
      wrong.add(
          who
              + (" " + view.state() + " " + view.exitCode() + " for " + expected.exitCode())
              + (": " + view.exitDetail() + " " + view.detail()));
      return;
    }
    Epoch last = view.epoch();
    String said = output(id, null);
    String[] parts = said.split("\n", 2);
    String begin = "begin " + expected.word() + " " + Pattern.quote("" + last) + " [0-9a-f-]{36}";
    String rest =
        IntStream.range(0, expected.lines())
            .mapToObj(i -> expected.word() + " " + i + "\n")
            .collect(Collectors.joining());
    if (!parts[0].matches(begin) || parts.length < 2 || !parts[1].equals(rest)) {
      wrong.add(who + " its output is not what it wrote: " + said);
    }
    Map<String, Integer> starts =
        switch (expected.kind().label()) {
          case "bare" -> files.starts(id);
          case "docker" -> containers.starts(id);
          default -> Map.of();
        };
    boolean outside = expected.kind().bare() || expected.kind().driver().equals("docker");
    if (outside && (starts.size() != 1 || !starts.containsValue(1))) {
      wrong.add(who + " began as " + starts);
    }
    for (Epoch earlier : epochs(view)) {
      if (!earlier.equals(last) && output(id, earlier).contains("begin ")) {
        wrong.add(who + " began in epoch " + earlier + " and again in " + last);
      }
    }
  }

  private static Set<Epoch> epochs(TaskView view) {
    Set<Epoch> epochs = new TreeSet<>();
    for (EventView event : view.events()) {
      if (event.epoch() != null) {
        epochs.add(event.epoch());
      }
    }
    return epochs;
  }

  /// @param run null = the last
  private String output(String id, Epoch run) throws InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      pool.client.logs(
          id,
          run,
          0,
          run == null,
          new LogSink() {
            @Override
            public void output(OutputEvents.Output piece) {
              all.writeBytes(piece.data());
            }

            @Override
            public void dropped(long from, long until) {
              all.writeBytes("[dropped]".getBytes(StandardCharsets.UTF_8));
            }
          });
    } catch (AtollException e) {
      if (run == null) {
        throw e;
      }
      // of a run that never began nothing needs to be kept
    }
    return all.toString(StandardCharsets.UTF_8);
  }
}
