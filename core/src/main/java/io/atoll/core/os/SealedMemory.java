package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file in memory that nobody can change any more, not even who opens it for writing: it can be
/// mapped copy-on-write by processes that do not trust each other, and its pages exist once. It is
/// there as long as this process keeps it open, or another has it mapped.
public final class SealedMemory implements AutoCloseable {
  private static final int CLOEXEC = 1;
  private static final int ALLOW_SEALING = 2;
  private static final int ADD_SEALS = 1033;

  /// Against sealing, shrinking, growing and writing.
  private static final int ALL = 1 | 2 | 4 | 8;

  private static final int PIECE = 64 << 10;

  private static final MethodHandle CREATE =
      Libc.find("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle FCNTL =
      Libc.find(
          "fcntl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));

  private final int descriptor;

  private SealedMemory(int descriptor) {
    this.descriptor = descriptor;
  }

  /// Copies a file into memory; where it is all zeros, no memory is taken.
  public static SealedMemory copyOf(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment name = arena.allocateFrom("atoll");
      int fd = (int) CREATE.invokeExact(state, name, CLOEXEC | ALLOW_SEALING);
      if (fd < 0) {
        throw Libc.error("making a file in memory", Libc.errno(state));
      }
      SealedMemory memory = new SealedMemory(fd);
      try {
        memory.fill(file);
        int sealed = (int) FCNTL.invokeExact(state, fd, ADD_SEALS, ALL);
        if (sealed < 0) {
          throw Libc.error("sealing a file in memory", Libc.errno(state));
        }
        return memory;
      } catch (Throwable t) {
        memory.close();
        throw t;
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private void fill(Path file) throws IOException {
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel to = FileChannel.open(path(), StandardOpenOption.WRITE)) {
      long size = from.size();
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
      for (long at = 0; at < size; at += piece.limit()) {
        piece.clear();
        while (piece.hasRemaining() && from.read(piece, at + piece.position()) > 0) {}
        piece.flip();
        if (!piece.hasRemaining()) {
          throw new IOException(file + " became shorter while it was read");
        }
        boolean last = at + piece.limit() >= size;
        if (last || !zeros(piece)) {
          while (piece.hasRemaining()) {
            to.write(piece, at + piece.position());
          }
        }
      }
    }
  }

  private static boolean zeros(ByteBuffer piece) {
    int at = 0;
    for (; at + 8 <= piece.limit(); at += 8) {
      if (piece.getLong(at) != 0) {
        return false;
      }
    }
    for (; at < piece.limit(); at++) {
      if (piece.get(at) != 0) {
        return false;
      }
    }
    return true;
  }

  /// Where this process, and others of its user or root, can open it.
  public Path path() {
    return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor);
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) Libc.CLOSE.invokeExact(Libc.state(arena), descriptor);
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }
}
