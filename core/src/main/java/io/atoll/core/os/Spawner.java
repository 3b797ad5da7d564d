package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;

/// Starts a program that is to outlive us, with a descriptor handed over: two things that
/// `ProcessBuilder` cannot do. It gets a session of its own. Whoever spawns must see to
/// [Children#reap] later.
public final class Spawner {
  private static final int SETSID = 0x80;

  private static final MethodHandle SPAWN =
      Libc.find(
          "posix_spawn",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle ACTIONS_INIT = one("posix_spawn_file_actions_init");
  private static final MethodHandle ACTIONS_DESTROY = one("posix_spawn_file_actions_destroy");
  private static final MethodHandle ATTRIBUTES_INIT = one("posix_spawnattr_init");
  private static final MethodHandle ATTRIBUTES_DESTROY = one("posix_spawnattr_destroy");
  private static final MethodHandle DUP2 =
      Libc.find(
          "posix_spawn_file_actions_adddup2",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle FLAGS =
      Libc.find("posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));

  private Spawner() {}

  private static MethodHandle one(String name) {
    return Libc.find(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  /// @param arguments without the program itself; the program gets no variables
  /// @param descriptor of ours; the program has it as number `as`
  /// @return the pid
  public static int spawn(Path program, List<String> arguments, int descriptor, int as)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment path = arena.allocateFrom(program.toString());
      MemorySegment argv = arena.allocate(ADDRESS, arguments.size() + 2L);
      argv.setAtIndex(ADDRESS, 0, path);
      for (int i = 0; i < arguments.size(); i++) {
        argv.setAtIndex(ADDRESS, i + 1L, arena.allocateFrom(arguments.get(i)));
      }
      MemorySegment environment = arena.allocate(ADDRESS, 1);
      MemorySegment actions = arena.allocate(512, 16);
      MemorySegment attributes = arena.allocate(1024, 16);
      MemorySegment pid = arena.allocate(JAVA_INT);
      check("preparing to spawn", (int) ACTIONS_INIT.invokeExact(state, actions));
      check("preparing to spawn", (int) ATTRIBUTES_INIT.invokeExact(state, attributes));
      try {
        check("handing a descriptor over", (int) DUP2.invokeExact(state, actions, descriptor, as));
        check("preparing to spawn", (int) FLAGS.invokeExact(state, attributes, (short) SETSID));
        check(
            "executing " + program,
            (int) SPAWN.invokeExact(state, pid, path, actions, attributes, argv, environment));
        return pid.get(JAVA_INT, 0);
      } finally {
        int _ = (int) ACTIONS_DESTROY.invokeExact(state, actions);
        int _ = (int) ATTRIBUTES_DESTROY.invokeExact(state, attributes);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private static void check(String what, int error) throws IOException {
    if (error != 0) {
      throw Libc.error(what, error);
    }
  }
}
