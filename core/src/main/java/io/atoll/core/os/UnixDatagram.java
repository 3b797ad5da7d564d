package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A bound unix datagram socket, which the JDK does not have. It is connected to nobody, so there
/// is no connection to lose when the other end goes away and comes back.
public record UnixDatagram(Descriptor descriptor, Path path) implements AutoCloseable {
  /// What an address takes in [Messages].
  public static final int NAME_ROOM = 112;

  private static final int AF_UNIX = 1;
  private static final int DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int MAX_PATH = 107;
  private static final int FILE_TYPE = 0170000;
  private static final int SOCKET_TYPE = 0140000;

  /// Binds, over a socket that a process before us has left there.
  public static UnixDatagram bind(Path path, int buffers) throws IOException {
    String what = "binding the unix socket " + path;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment name = arena.allocate(NAME_ROOM, 8);
      int length = name(name, 0, path);
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
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        return new UnixDatagram(descriptor, path);
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
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    if ((mode & FILE_TYPE) != SOCKET_TYPE) {
      throw new IOException(what + ": there is something else than a socket");
    }
    Files.delete(path);
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

  @Override
  public void close() {
    descriptor.close();
    try {
      Files.deleteIfExists(path);
    } catch (IOException left) {
      // The next who binds it removes it.
    }
  }
}
