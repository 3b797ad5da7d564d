package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

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
  static final MethodHandle EVENTFD = ints("eventfd", 2);
  static final MethodHandle SETNS = ints("setns", 2);
  static final MethodHandle FCNTL =
      find(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  static final MethodHandle IOCTL =
      find(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          Linker.Option.firstVariadicArg(2));
  static final MethodHandle IOCTL_VALUE =
      find(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2));
  static final MethodHandle CONNECT =
      find("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  static final MethodHandle GETSOCKNAME =
      find("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
  static final MethodHandle SETSOCKOPT =
      find(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  // What data goes through takes addresses as numbers: they lie in structs anyway, and no object is
  // made for a call.
  static final MethodHandle READ =
      find("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  static final MethodHandle WRITE =
      find("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  static final MethodHandle POLL =
      find("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  static final MethodHandle SENDMSG =
      find("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  static final MethodHandle RECVMSG =
      find("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  static final MethodHandle SENDMMSG =
      find("sendmmsg", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));
  static final MethodHandle RECVMMSG =
      find(
          "recvmmsg",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG));
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

  static void close(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) CLOSE.invokeExact(state(arena), descriptor);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  private static String text(int errno) {
    return switch (errno) {
      case 1 -> "not permitted";
      case 2 -> "no such file or directory";
      case 5 -> "input or output failed (EIO)";
      case 16 -> "busy (EBUSY)";
      case 17 -> "it is there already (EEXIST)";
      case 19 -> "no such device";
      case 22 -> "invalid (EINVAL)";
      case 38 -> "this kernel has no such call (ENOSYS)";
      case 77 -> "in no usable state (EBADFD)";
      case 90 -> "too long for this way (EMSGSIZE)";
      case 97 -> "this kernel has no such family of addresses";
      case 99 -> "no such address here";
      case 100 -> "the network is down";
      case 101 -> "the network is unreachable";
      case 105 -> "no room in the system's buffers";
      case 111 -> "refused";
      case 113 -> "no route to it";
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
