package io.atoll.daemon.hub.machine;

import io.atoll.client.api.TaskSpec;
import io.atoll.client.api.TaskSpec.Restart.Policy;
import io.atoll.client.api.TaskState;
import io.atoll.core.term.Exit;
import io.atoll.daemon.store.TaskRow.Attempts;
import java.time.Duration;

/// What follows the end of a run.
///
/// | end | counted as | followed by |
/// |---|---|---|
/// | asked for by the owner | | STOPPED |
/// | code 0 | | SUCCEEDED; again with ALWAYS |
/// | another code, a signal, memory, time limit | task | FAILED; again by policy and `attempts` |
/// | could not start: the task's own fault (126, 127) | task | FAILED at once |
/// | could not start: anything else | launch | again elsewhere, up to `faultAttempts` |
/// | lost with its node, its supervisor or its provider | node | FAILED with NEVER; else again |
final class RestartRules {
  private static final Duration FIRST_DELAY = Duration.ofSeconds(1);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(60);

  private RestartRules() {}

  sealed interface Next {
    Attempts attempts();

    String detail();
  }

  record Over(TaskState state, Attempts attempts, String detail) implements Next {}

  /// @param elsewhere the node it ran on is not the best place for the next try
  record Again(Attempts attempts, String detail, Duration delay, boolean elsewhere)
      implements Next {}

  /// @param asked whether the owner asked the task to end
  static Next after(TaskSpec spec, Attempts before, Exit exit, boolean asked) {
    if (asked) {
      return new Over(TaskState.STOPPED, before, "stopped");
    }
    return switch (exit.cause()) {
      case EXITED -> exit.code() == 0 ? succeeded(spec, before) : taskFailed(spec, before, exit);
      case SIGNALED, OUT_OF_MEMORY, TIME_LIMIT -> taskFailed(spec, before, exit);
      case START_FAILED ->
          exit.code() == 126 || exit.code() == 127
              ? new Over(
                  TaskState.FAILED,
                  new Attempts(before.taskFailed() + 1, before.launchFailed(), before.nodeLost()),
                  text(exit))
              : launchFailed(spec, before, exit);
      case STOPPED, LOST -> nodeLost(spec, before, exit);
    };
  }

  private static Next succeeded(TaskSpec spec, Attempts before) {
    return spec.restart().policy() == Policy.ALWAYS
        ? new Again(before, "ended with code 0, runs again", FIRST_DELAY, false)
        : new Over(TaskState.SUCCEEDED, before, "");
  }

  private static Next taskFailed(TaskSpec spec, Attempts before, Exit exit) {
    int failed = before.taskFailed() + 1;
    Attempts attempts = new Attempts(failed, before.launchFailed(), before.nodeLost());
    int bound = spec.restart().attempts();
    if (spec.restart().policy() == Policy.NEVER || (bound > 0 && failed >= bound)) {
      return new Over(TaskState.FAILED, attempts, text(exit));
    }
    return new Again(
        attempts, text(exit) + ", attempt " + failed + of(bound), delay(failed), false);
  }

  private static Next launchFailed(TaskSpec spec, Attempts before, Exit exit) {
    int failed = before.launchFailed() + 1;
    Attempts attempts = new Attempts(before.taskFailed(), failed, before.nodeLost());
    if (faultsExhausted(spec, attempts)) {
      return new Over(TaskState.FAILED, attempts, text(exit));
    }
    // The first is likely one node's trouble: no wait, another node.
    return new Again(attempts, text(exit), failed == 1 ? Duration.ZERO : delay(failed - 1), true);
  }

  private static Next nodeLost(TaskSpec spec, Attempts before, Exit exit) {
    int lost = before.nodeLost() + 1;
    Attempts attempts = new Attempts(before.taskFailed(), before.launchFailed(), lost);
    boolean fenced =
        spec.onDisconnect() == TaskSpec.OnDisconnect.STOP && exit.cause() == Exit.Cause.STOPPED;
    if (spec.restart().policy() == Policy.NEVER || fenced || faultsExhausted(spec, attempts)) {
      return new Over(TaskState.FAILED, attempts, text(exit));
    }
    return new Again(attempts, text(exit), delay(lost), false);
  }

  private static boolean faultsExhausted(TaskSpec spec, Attempts attempts) {
    int bound = spec.restart().faultAttempts();
    return bound > 0 && attempts.launchFailed() + attempts.nodeLost() >= bound;
  }

  /// 1 s, 2 s, 4 s … 60 s.
  static Duration delay(int failures) {
    Duration delay = FIRST_DELAY.multipliedBy(1L << Math.min(Math.max(failures - 1, 0), 10));
    return delay.compareTo(LONGEST_DELAY) > 0 ? LONGEST_DELAY : delay;
  }

  private static String of(int bound) {
    return bound > 0 ? " of " + bound : "";
  }

  private static String text(Exit exit) {
    return exit.detail().isEmpty() ? "ended with code " + exit.code() : exit.detail();
  }
}
