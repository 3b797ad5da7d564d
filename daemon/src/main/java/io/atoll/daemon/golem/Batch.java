package io.atoll.daemon.golem;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The results of one script, as they come. One thread adds, any may wait.
final class Batch {
  /// @param result `Ok` or `Error`
  public record Result(
      int index,
      Instant eventDate,
      String result,
      @Nullable String stdout,
      @Nullable String stderr,
      @Nullable String message,
      boolean isBatchFinished) {}

  private final int size;

  // Under the lock of this object.
  private final List<Result> results = new ArrayList<>();
  private boolean finished;
  private @Nullable Thread thread;

  /// @param size how many commands it has
  Batch(int size) {
    this.size = size;
    this.finished = size == 0;
  }

  synchronized void runOn(Thread worker) {
    thread = worker;
  }

  synchronized void ok(@Nullable String stdout, @Nullable String stderr) {
    boolean last = results.size() + 1 == size;
    results.add(new Result(results.size(), Instant.now(), "Ok", stdout, stderr, null, last));
    finished |= last;
    notifyAll();
  }

  /// The first failure is the last result.
  synchronized void failed(@Nullable String stdout, @Nullable String stderr, String why) {
    if (!finished) {
      results.add(new Result(results.size(), Instant.now(), "Error", stdout, stderr, why, true));
      finished = true;
      notifyAll();
    }
  }

  synchronized boolean isFinished() {
    return finished;
  }

  synchronized void interrupt() {
    if (thread != null && !finished) {
      thread.interrupt();
    }
  }

  /// All results so far, once it has ended or the time is over.
  synchronized List<Result> ended(Duration wait) throws InterruptedException {
    await(wait, size);
    return List.copyOf(results);
  }

  /// All results so far, once that of a command is there; null if it did not come in time.
  synchronized @Nullable List<Result> until(int index, Duration wait) throws InterruptedException {
    await(wait, index + 1);
    return finished || results.size() > index ? List.copyOf(results) : null;
  }

  private void await(Duration wait, int count) throws InterruptedException {
    long deadline = System.nanoTime() + wait.toNanos();
    long left = wait.toMillis();
    while (!finished && results.size() < count && left > 0) {
      wait(left);
      left = (deadline - System.nanoTime()) / 1_000_000;
    }
  }
}
