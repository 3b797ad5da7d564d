package io.atoll.core.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Work inside another network namespace. Sockets and devices opened there stay there, whoever uses
/// them later.
public final class NetworkNamespace {
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;

  private NetworkNamespace() {}

  /// Null if this process may enter namespaces; otherwise what is in the way. Enters its own.
  public static @Nullable String missing() throws InterruptedException {
    String nothing = Native.missing();
    if (nothing != null) {
      return nothing;
    }
    try {
      return inside(Path.of("/proc/self/ns/net"), () -> true) ? null : "it does nothing";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /// Does something on a thread that enters the namespace and ends with the work: a thread of
  /// others is never moved.
  ///
  /// @param namespace such as `/proc/PID/ns/net` or `/run/netns/NAME`
  public static <T> T inside(Path namespace, Callable<T> work)
      throws IOException, InterruptedException {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              enter(namespace);
              return work.call();
            });
    Thread thread = Thread.ofPlatform().daemon().name("netns").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        case null, default -> throw new IOException("inside " + namespace, e.getCause());
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    }
  }

  private static void enter(Path namespace) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment path = arena.allocateFrom(namespace.toString());
      int fd = (int) Libc.OPEN.invokeExact(state, path, O_CLOEXEC);
      if (fd < 0) {
        throw Libc.error("opening the network namespace " + namespace, Libc.errno(state));
      }
      int entered = (int) Libc.SETNS.invokeExact(state, fd, CLONE_NEWNET);
      int errno = Libc.errno(state);
      Libc.close(fd);
      if (entered != 0) {
        throw Libc.error(
            "entering the network namespace "
                + namespace
                + " (this takes the rights of root over it)",
            errno);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }
}
