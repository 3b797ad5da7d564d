package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Processes that [Spawner] started, and signals.
public final class Children {
  public static final int SIGKILL = 9;
  public static final int SIGCONT = 18;
  public static final int SIGSTOP = 19;
  private static final int WNOHANG = 1;

  private Children() {}

  /// Takes a child that has ended off the process table, without waiting.
  ///
  /// @return whether nothing is left to reap: it was reaped now or before, or is not ours
  public static boolean reap(int pid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int got = (int) Libc.WAITPID.invokeExact(state, pid, arena.allocate(JAVA_INT), WNOHANG);
      return got == pid || (got < 0 && Libc.errno(state) != Libc.EINTR);
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// @return false if there is no such process
  /// @throws IOException if it is not ours to signal
  public static boolean signal(int pid, int number) throws IOException {
    if (pid <= 1) {
      throw new IllegalArgumentException("no process to signal: " + pid);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      if ((int) Libc.KILL.invokeExact(state, pid, number) == 0) {
        return true;
      }
      int errno = Libc.errno(state);
      if (errno == Libc.ESRCH) {
        return false;
      }
      throw Libc.error("sending signal " + number + " to process " + pid, errno);
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }
}
