package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A bound unix datagram socket, which the JDK does not have. It is connected to nobody, so there
/// is no connection to lose when the other end goes away and comes back.
///
/// Whoever may walk to the folder of its path may send to it; the folder may be another's, and the
/// path of any length.
public final class UnixDatagram implements AutoCloseable {
  /// What an address takes in [Messages].
  public static final int NAME_ROOM = 112;

  private static final int AF_UNIX = 1;
  private static final int DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int MAX_PATH = 107;

  private final Descriptor descriptor;
  private final Path path;
  private final SocketFile file;

  private UnixDatagram(Descriptor descriptor, Path path, SocketFile file) {
    this.descriptor = descriptor;
    this.path = path;
    this.file = file;
  }

  /// Binds, over a socket that a process before us has left there.
  public static UnixDatagram bind(Path path, int buffers) throws IOException {
    String what = "binding the unix socket " + path;
    try (Arena arena = Arena.ofConfined();
        UnixListener.Reach reach = UnixListener.Reach.of(path)) {
      MemorySegment state = Libc.state(arena);
      MemorySegment name = arena.allocate(NAME_ROOM, 8);
      int length = name(name, 0, reach.path());
      removeStale(path, what);
      int fd = (int) Libc.SOCKET.invokeExact(state, AF_UNIX, DGRAM_CLOEXEC, 0);
      if (fd < 0) {
        throw Libc.error(what, Libc.errno(state));
      }
      Descriptor descriptor = Descriptor.own(fd);
      try {
        MemorySegment size = arena.allocateFrom(JAVA_INT, buffers);
        int _ = (int) Libc.SETSOCKOPT.invokeExact(state, fd, SOL_SOCKET, SO_SNDBUF, size, 4);
        int _ = (int) Libc.SETSOCKOPT.invokeExact(state, fd, SOL_SOCKET, SO_RCVBUF, size, 4);
        if ((int) Libc.BIND.invokeExact(state, fd, name, length) != 0) {
          throw Libc.error(what, Libc.errno(state));
        }
        SocketFile file = SocketFile.open(path);
        try {
          file.letAll();
          return new UnixDatagram(descriptor, path, file);
        } catch (IOException e) {
          file.close();
          throw e;
        }
      } catch (Throwable t) {
        descriptor.close();
        throw t;
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private static void removeStale(Path path, String what) throws IOException {
    try (SocketFile _ = SocketFile.open(path)) {
      Files.delete(path);
    } catch (NoSuchFileException e) {
      // Nobody has been here.
    } catch (IOException e) {
      throw new IOException(what + ": there is something else than a socket", e);
    }
  }

  /// Writes a path as an address (`sockaddr_un`).
  ///
  /// @return its length
  public static int name(MemorySegment into, long offset, Path path) throws IOException {
    byte[] bytes = path.toAbsolutePath().toString().getBytes(UTF_8);
    if (bytes.length > MAX_PATH) {
      throw new IOException(
          "the path of a unix socket has at most " + MAX_PATH + " bytes, and this more: " + path);
    }
    into.set(JAVA_SHORT, offset, (short) AF_UNIX);
    MemorySegment.copy(bytes, 0, into, JAVA_BYTE, offset + 2, bytes.length);
    into.set(JAVA_BYTE, offset + 2 + bytes.length, (byte) 0);
    return 2 + bytes.length + 1;
  }

  public Descriptor descriptor() {
    return descriptor;
  }

  public Path path() {
    return path;
  }

  /// Its name goes, too, unless somebody else has it by now.
  @Override
  public void close() {
    descriptor.close();
    try (SocketFile now = SocketFile.open(path)) {
      if (now.same(file)) {
        Files.deleteIfExists(path);
      }
    } catch (IOException left) {
      // The next who binds it removes it.
    }
    file.close();
  }
}
