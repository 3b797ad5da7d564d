package io.atoll.daemon.hub;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.Store;
import io.atoll.p2p.host.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Opens the output of runs: of one that is on a provider, of one that is still to come, of none.
final class Outputs {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Host host;
  private final Store store;
  private final EventSignal signal;
  private final Predicate<TaskId> ended;

  /// @param signal tells of new events
  /// @param ended whether a task has ended
  Outputs(Host host, Store store, EventSignal signal, Predicate<TaskId> ended) {
    this.host = host;
    this.store = store;
    this.signal = signal;
    this.ended = ended;
  }

  /// @param epoch of the run; null = the newest
  /// @throws AtollException NOT_FOUND if the task has no such run
  HubApi.Output open(TaskId id, @Nullable String epoch, long offset, boolean follow) {
    Optional<RunRow> run = run(id, epoch == null ? null : parsed(epoch));
    if (run.isPresent() || !follow) {
      return run.<HubApi.Output>map(row -> opened(row, offset, follow)).orElseGet(NoOutput::new);
    }
    return new LateOutput(id, offset);
  }

  private static Epoch parsed(String epoch) {
    try {
      return Epoch.parse(epoch);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          String.valueOf(e.getMessage()),
          "the task's events name its runs",
          e);
    }
  }

  private RunOutput opened(RunRow run, long offset, boolean follow) {
    return new RunOutput(
        host,
        run.node(),
        run.id(),
        offset,
        follow,
        () -> run(run.id()).map(RunRow::ended).orElse(true));
  }

  private Optional<RunRow> run(RunId id) {
    return store.read(new Query.RunsOf(id.task())).stream()
        .filter(row -> row.id().equals(id))
        .findFirst();
  }

  private Optional<RunRow> run(TaskId id, @Nullable Epoch epoch) {
    List<RunRow> runs = store.read(new Query.RunsOf(id));
    if (epoch == null) {
      return runs.isEmpty() ? Optional.empty() : Optional.of(runs.getLast());
    }
    RunId wanted = new RunId(id, epoch);
    return Optional.of(
        runs.stream()
            .filter(row -> row.id().equals(wanted))
            .findFirst()
            .orElseThrow(
                () ->
                    new AtollException(
                        ErrorCode.NOT_FOUND,
                        "task " + id + " has no run " + epoch,
                        "its runs: " + runs.stream().map(row -> row.id().epoch()).toList())));
  }

  /// The output of a task that never ran.
  private static final class NoOutput implements HubApi.Output {
    @Override
    public HubApi.OutputPart next(Duration wait) {
      return new HubApi.OutputPart.End();
    }

    @Override
    public void close() {}
  }

  /// The output of a task that waits for its first run.
  private final class LateOutput implements HubApi.Output {
    private final TaskId id;
    private final long offset;
    private HubApi.@Nullable Output begun;

    private LateOutput(TaskId id, long offset) {
      this.id = id;
      this.offset = offset;
    }

    @Override
    public HubApi.OutputPart next(Duration wait) throws IOException, InterruptedException {
      long deadline = System.nanoTime() + wait.toNanos();
      while (begun == null) {
        long seen = store.read(new Query.Meta()).lastSeq();
        Optional<RunRow> run = run(id, null);
        if (run.isPresent()) {
          begun = opened(run.get(), offset, true);
        } else if (ended.test(id)) {
          return new HubApi.OutputPart.End();
        } else if (System.nanoTime() >= deadline) {
          return new HubApi.OutputPart.Nothing();
        } else {
          signal.await(seen, POLL.toNanos());
        }
      }
      return begun.next(wait);
    }

    @Override
    public void close() {
      if (begun != null) {
        begun.close();
      }
    }
  }
}
