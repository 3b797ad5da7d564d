package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.LogSink;
import io.atoll.client.api.OutputEvents;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.Waiting;
import io.atoll.core.error.AtollException;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Stays with a task until it ends: its output to ours, why it waits to standard error, Ctrl-C
/// (which its owner passes on) to a question. Three threads: one follows, one tells why it waits,
/// one per Ctrl-C; whoever knows the exit status first completes `outcome`.
final class Follow {
  private static final Duration WAIT_BEFORE_TELLING = Duration.ofSeconds(1);
  private static final Duration WAIT_BETWEEN_LOOKS = Duration.ofSeconds(2);
  private static final Duration LONG_POLL = Duration.ofSeconds(1);
  static final int INTERRUPTED = 130;

  private final Context context;
  private final HubClient hub;
  private final TaskView task;
  private final CompletableFuture<Integer> outcome = new CompletableFuture<>();
  private final AtomicInteger interrupts = new AtomicInteger();
  private volatile boolean begun;

  Follow(Context context, HubClient hub, TaskView task) {
    this.context = context;
    this.hub = hub;
    this.task = task;
  }

  /// @return the task's own exit status
  int toTheEnd() throws Exception {
    Thread follower = Thread.ofVirtual().name("follow").start(this::follow);
    Thread teller = Thread.ofVirtual().name("why").start(this::tellWhyItWaits);
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      // The task does not depend on who follows it: say how to find it again.
      context.note(goesOn(task));
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      follower.interrupt();
      teller.interrupt();
    }
  }

  private void follow() {
    try {
      outcome.complete(followRuns());
    } catch (Exception e) {
      outcome.completeExceptionally(e);
    }
  }

  /// Run after run, since a task may be restarted or placed anew.
  private int followRuns() throws InterruptedException {
    Sink sink = new Sink();
    String id = task.id().text();
    Epoch seen = null;
    while (true) {
      TaskView now = seen == null ? null : next(id, seen);
      if (now != null && now.state().ended() && seen != null && seen.equals(now.epoch())) {
        return ended(now);
      }
      hub.logs(id, now == null ? null : now.epoch(), 0, true, sink);
      if (sink.run == null) {
        return ended(hub.task(id, LONG_POLL));
      }
      seen = sink.run;
    }
  }

  /// The task once it has ended or has another run than the one that was seen to its end.
  private TaskView next(String id, Epoch seen) throws InterruptedException {
    Duration pause = Duration.ofMillis(1);
    while (true) {
      TaskView now = hub.task(id, LONG_POLL);
      boolean another = now.epoch() != null && !seen.equals(now.epoch());
      if (now.state().ended() || another) {
        return now;
      }
      Thread.sleep(pause);
      pause = pause.compareTo(LONG_POLL) < 0 ? pause.multipliedBy(2) : pause;
    }
  }

  private int ended(TaskView last) {
    Integer code = last.exitCode();
    boolean failed = code == null || code != 0;
    String why = last.exitDetail() == null ? "" : last.exitDetail();
    if (failed && (code == null || !why.isEmpty())) {
      String state = last.state().name().toLowerCase(Locale.ROOT);
      context.note(
          "task " + name(last) + " " + state + (why.isEmpty() ? ": " + last.detail() : ": " + why));
    }
    if (code != null) {
      return code;
    }
    return last.state() == TaskState.SUCCEEDED ? 0 : Failures.OWN_FAILURE;
  }

  private void tellWhyItWaits() {
    String said = "";
    try {
      Thread.sleep(WAIT_BEFORE_TELLING);
      while (!begun && !outcome.isDone()) {
        TaskView now = hub.task(task.id().text());
        String why = why(now);
        if (!begun && !why.isEmpty() && !why.equals(said)) {
          context.note(why);
          said = why;
        }
        Thread.sleep(WAIT_BETWEEN_LOOKS);
      }
    } catch (InterruptedException | AtollException e) {
      // The one who follows tells what went wrong.
      Thread.currentThread().interrupt();
    }
  }

  private static String why(TaskView now) {
    return switch (now.state()) {
      case QUEUED -> {
        Waiting waiting = now.waiting();
        String reason = waiting == null ? now.detail() : waiting.summary();
        String change =
            waiting == null || waiting.smallestChange().isEmpty()
                ? ""
                : "; it would fit with " + waiting.smallestChange();
        yield "task " + name(now) + " waits: " + reason + change;
      }
      case STARTING ->
          "task "
              + name(now)
              + " starts"
              + (now.nodeName() == null ? "" : " on " + now.nodeName())
              + ": "
              + now.detail();
      case RUNNING, SUSPENDED, STOPPING, SUCCEEDED, FAILED, STOPPED -> "";
    };
  }

  private static String name(TaskView view) {
    return view.name() == null ? view.id().text() : view.name();
  }

  /// Ctrl-C. At a terminal the first asks, elsewhere it stops the task; a second one detaches. Any
  /// thread, also before the following has begun.
  void interrupt() {
    if (interrupts.incrementAndGet() > 1) {
      detach(INTERRUPTED);
      return;
    }
    if (!context.terminal().errIsTty()) {
      stop();
      return;
    }
    String answer =
        context
            .terminal()
            .ask("\natoll: [s]top task " + task.id() + ", [d]etach from it, or go on? [s/d/G] ")
            .toLowerCase(Locale.ROOT);
    if (answer.startsWith("s")) {
      stop();
    } else if (answer.startsWith("d")) {
      detach(0);
    } else {
      interrupts.set(0);
    }
  }

  private void stop() {
    try {
      context.note("stopping task " + task.id() + "; Ctrl-C again leaves it alone");
      hub.stop(task.id().text());
    } catch (AtollException e) {
      context.note("the task could not be stopped: " + e.text());
    }
  }

  private void detach(int status) {
    context.note(goesOn(task));
    outcome.complete(status);
  }

  /// How to find a task again that is left alone.
  static String goesOn(TaskView task) {
    String id = task.id().text();
    return "task "
        + id
        + " goes on; `atoll logs -f "
        + id
        + "` follows it, `atoll stop "
        + id
        + "` stops it";
  }

  private final class Sink implements LogSink {
    volatile @Nullable Epoch run;

    @Override
    public void run(@Nullable Epoch named) {
      run = named;
    }

    @Override
    public void output(OutputEvents.Output piece) {
      begun = true;
      Output.pass(context, piece.stream() == OutputChunk.Stream.STDERR, piece.data());
    }

    @Override
    public void dropped(long from, long until) {
      context.note((until - from) + " bytes of output are no longer kept by the node");
    }

    @Override
    public void lost(AtollException why) {
      context.note("lost the hub, trying again: " + why.text());
    }

    @Override
    public void back() {
      context.note("the hub is back");
    }
  }
}
