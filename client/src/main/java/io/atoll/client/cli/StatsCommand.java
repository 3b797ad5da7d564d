package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskStats;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.term.ByteSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "stats",
    header = "Show what tasks use: processor, memory, disk, output.",
    description = {
      "",
      "A live table of those that run, or of the ones named; it ends with Ctrl-C. Once, if standard"
          + " output is no terminal. With -o json one line for each task and sample."
    },
    footer = {"  atoll stats", "  atoll stats --once web", "  atoll stats -o json web"})
final class StatsCommand extends Command {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /// Between the two samples that a single table needs for its rate.
  private static final Duration SHORT = Duration.ofMillis(500);

  @Option(names = "--once", description = "Show it once and end.")
  boolean once;

  @Parameters(paramLabel = "TASK", arity = "0..*", description = "Id or name.")
  List<String> tasks = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    HubClient hub = context.hub();
    boolean single = once || (!context.json() && !context.terminal().outIsTty());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<TaskStats> before = List.of();
      if (single && !context.json()) {
        before = sample(threads, hub);
        Thread.sleep(SHORT);
      }
      while (true) {
        List<TaskStats> now = sample(threads, hub);
        if (context.json()) {
          now.forEach(context::printJson);
        } else if (single) {
          context.print(table(before, now));
        } else {
          context.redraw(table(before, now));
        }
        if (single || (!tasks.isEmpty() && now.stream().allMatch(TaskStats::ended))) {
          return 0;
        }
        before = now;
        Thread.sleep(INTERVAL);
      }
    }
  }

  private List<TaskStats> sample(ExecutorService threads, HubClient hub)
      throws InterruptedException {
    boolean named = !tasks.isEmpty();
    List<Future<@Nullable TaskStats>> asked = new ArrayList<>();
    for (String task : named ? tasks : running(hub)) {
      asked.add(threads.submit(() -> stats(hub, task, named)));
    }
    List<TaskStats> all = new ArrayList<>();
    for (Future<@Nullable TaskStats> answer : asked) {
      try {
        TaskStats stats = answer.get();
        if (stats != null) {
          all.add(stats);
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
    return all;
  }

  /// Of those that nobody named, one that just ended or whose node is away is left out.
  private static @Nullable TaskStats stats(HubClient hub, String task, boolean named) {
    try {
      return hub.stats(task);
    } catch (AtollException e) {
      if (named) {
        throw e;
      }
      return null;
    }
  }

  private static List<String> running(HubClient hub) {
    return hub.tasks(false, null, 200).tasks().stream()
        .filter(task -> task.state() == TaskState.RUNNING || task.state() == TaskState.SUSPENDED)
        .map(TaskView::id)
        .map(id -> id.text())
        .toList();
  }

  private static Table table(List<TaskStats> before, List<TaskStats> now) {
    Map<Object, TaskStats> earlier = new HashMap<>();
    before.forEach(stats -> earlier.put(stats.task(), stats));
    Table table =
        new Table("ID", "NAME", "STATE", "CPU", "CPU TIME", "MEMORY", "PEAK", "DISK", "OUTPUT");
    for (TaskStats stats : now) {
      table.row(
          stats.task(),
          stats.name(),
          stats.state(),
          rate(earlier.get(stats.task()), stats),
          stats.cpuNanos() == null ? null : seconds(stats.cpuNanos()),
          size(stats.memory())
              + (stats.memoryLimit() > 0 ? " / " + ByteSize.format(stats.memoryLimit()) : ""),
          size(stats.memoryPeak()),
          size(stats.disk()),
          size(stats.output()));
    }
    return table;
  }

  /// Processor time per time, in percent of one core.
  private static @Nullable String rate(@Nullable TaskStats before, TaskStats now) {
    if (before == null
        || before.cpuNanos() == null
        || now.cpuNanos() == null
        || !before.run().equals(now.run())) {
      return null;
    }
    double nanos = Duration.between(before.time(), now.time()).toNanos();
    double used = now.cpuNanos() - before.cpuNanos();
    return nanos <= 0
        ? null
        : String.format(Locale.ROOT, "%.1f%%", Math.max(0, 100 * used / nanos));
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2fs", nanos / 1e9);
  }

  private static String size(@Nullable Long bytes) {
    return bytes == null ? "-" : ByteSize.format(bytes);
  }
}
