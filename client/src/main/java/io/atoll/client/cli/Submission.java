package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskView;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// A task on its way to the hub. A Ctrl-C that comes before the hub has answered is kept: a command
/// that ended there would leave a task behind of which nobody knows the id. A second one ends it
/// all the same, since the hub may be slow or gone.
final class Submission {
  private final Context context;
  private final HubClient hub;
  private final TaskRequest request;
  private final CompletableFuture<Optional<TaskView>> answer = new CompletableFuture<>();

  // Guarded by this.
  private boolean interrupted;
  private @Nullable Runnable next;

  Submission(Context context, HubClient hub, TaskRequest request) {
    this.context = context;
    this.hub = hub;
    this.request = request;
  }

  /// @return the task; empty if the user did not wait for the hub to name it
  Optional<TaskView> send() throws Exception {
    Thread sender = Thread.ofVirtual().name("submit").start(this::create);
    try {
      Optional<TaskView> task = answer.get();
      if (task.isEmpty()) {
        context.note(
            "whether the hub took the task is not known: `atoll ps` shows it if so,"
                + " `atoll stop ID` stops it");
      }
      return task;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      sender.interrupt();
    }
  }

  private void create() {
    try {
      // One key for this task, however often the request is sent.
      answer.complete(Optional.of(hub.create(request, UUID.randomUUID().toString())));
    } catch (Exception e) {
      answer.completeExceptionally(e);
    }
  }

  /// Ctrl-C, at any time.
  void interrupt() {
    Runnable taker;
    synchronized (this) {
      taker = next;
      if (taker == null && !interrupted) {
        interrupted = true;
        context.note("waiting for the hub to name the task; Ctrl-C again does not wait");
        return;
      }
    }
    if (taker != null) {
      taker.run();
    } else {
      answer.complete(Optional.empty());
    }
  }

  synchronized boolean interrupted() {
    return interrupted;
  }

  /// From now on Ctrl-C is a matter of `taker`, also one that came before.
  void handOver(Runnable taker) {
    synchronized (this) {
      next = taker;
      if (!interrupted) {
        return;
      }
    }
    Thread.ofPlatform().daemon().name("interrupt").start(taker);
  }
}
