package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Whether this kernel lets a program take the personality of a 32-bit one (personality(2)). On
/// arm64 that is refused exactly where the processor has no 32-bit mode for programs.
public final class Personality {
  private static final long LINUX32 = 8;

  private Personality() {}

  /// Tries it, on a thread that ends with the trial; false also where nothing can be tried.
  public static boolean takes32Bit() {
    if (Native.missing() != null) {
      return false;
    }
    FutureTask<Boolean> trial = new FutureTask<>(Personality::take);
    Thread.ofPlatform().daemon().name("personality").start(trial);
    try {
      return trial.get();
    } catch (ExecutionException e) {
      return false; // a C library without that call
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static boolean take() {
    MethodHandle personality = Libc.find("personality", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      return (int) personality.invokeExact(state, LINUX32) >= 0;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }
}
