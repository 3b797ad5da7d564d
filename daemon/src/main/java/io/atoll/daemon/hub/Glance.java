package io.atoll.daemon.hub;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A question to the hub's loop by who measures, and looks again anyway: where no answer comes
/// soon, because the disk hangs, the last one has to do. At most one question waits.
final class Glance<T> {
  private final Supplier<CompletableFuture<T>> question;
  private final Duration patience;

  // Guarded by this.
  private @Nullable CompletableFuture<T> asked;
  private T last;

  /// @param question puts it to the loop
  /// @param first the answer before there is one
  Glance(Supplier<CompletableFuture<T>> question, T first, Duration patience) {
    this.question = question;
    this.last = first;
    this.patience = patience;
  }

  synchronized T look() {
    CompletableFuture<T> answer = asked;
    if (answer == null) {
      answer = question.get();
      asked = answer;
    }
    try {
      last = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      asked = null;
    } catch (TimeoutException e) {
      return last; // it may come until the next look
    } catch (ExecutionException e) {
      asked = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return last;
  }
}
