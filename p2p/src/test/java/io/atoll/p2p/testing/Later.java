package io.atoll.p2p.testing;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// Something that blocks, on a virtual thread of its own.
public final class Later {
  private Later() {}

  public static <T> CompletableFuture<T> run(Callable<T> action) {
    var result = new CompletableFuture<T>();
    Thread.startVirtualThread(
        () -> {
          try {
            result.complete(action.call());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }
}
