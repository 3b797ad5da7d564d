package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// The calls themselves, and `errno`. Linux on amd64 and arm64 only, glibc and musl alike: all
/// arguments are ints and pointers, and opaque structs get more room than either library uses.
final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  static final int EINTR = 4;
  static final int ECHILD = 10;
  static final int ESRCH = 3;

  static final MethodHandle SOCKET = ints("socket", 3);
  static final MethodHandle LISTEN = ints("listen", 2);
  static final MethodHandle CLOSE = ints("close", 1);
  static final MethodHandle KILL = ints("kill", 2);
  static final MethodHandle GETPID = ints("getpid", 0);
  static final MethodHandle BIND =
      find("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  static final MethodHandle OPEN =
      find(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  static final MethodHandle WAITPID =
      find("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private Libc() {}

  private static MethodHandle ints(String name, int count) {
    MemoryLayout[] arguments = new MemoryLayout[count];
    Arrays.fill(arguments, JAVA_INT);
    return find(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  static MethodHandle find(String name, FunctionDescriptor shape, Linker.Option... more) {
    Linker.Option[] options = Arrays.copyOf(more, more.length + 1);
    options[more.length] = Linker.Option.captureCallState("errno");
    return LINKER.downcallHandle(
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name)),
        shape,
        options);
  }

  static boolean probe() {
    try (Arena arena = Arena.ofConfined()) {
      return (int) GETPID.invokeExact(state(arena)) == ProcessHandle.current().pid();
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  /// Where a call leaves its `errno`.
  static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  static int errno(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  static IOException error(String what, int errno) {
    return new IOException(what + ": " + text(errno));
  }

  private static String text(int errno) {
    return switch (errno) {
      case 1 -> "not permitted";
      case 2 -> "no such file or directory";
      case 12 -> "no memory";
      case 11 -> "no more processes or try again (EAGAIN)";
      case 13 -> "permission denied";
      case 20 -> "not a directory";
      case 23, 24 -> "too many open files";
      case 28 -> "no space left on device";
      case 8 -> "not a program for this machine";
      case 98 -> "address in use";
      default -> "errno " + errno;
    };
  }

  /// A downcall throws nothing checked; whatever comes is a defect.
  static RuntimeException failed(Throwable t) {
    if (t instanceof Error error) {
      throw error;
    }
    return t instanceof RuntimeException e ? e : new IllegalStateException(t);
  }
}
