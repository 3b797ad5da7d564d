package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A listening unix socket whose descriptor is known, to be handed to a program that accepts on it.
/// Clients can connect from the moment it is there. Paths may be of any length.
public final class UnixListener implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int STREAM_CLOEXEC = 1 | 0x80000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;

  /// What fits into a socket's address, with the zero behind it.
  private static final int MAX_PATH = 107;

  private final int descriptor;

  private UnixListener(int descriptor) {
    this.descriptor = descriptor;
  }

  public static UnixListener bind(Path path, int backlog) throws IOException {
    try (Arena arena = Arena.ofConfined();
        Reach reach = Reach.of(path)) {
      MemorySegment state = Libc.state(arena);
      int fd = (int) Libc.SOCKET.invokeExact(state, AF_UNIX, STREAM_CLOEXEC, 0);
      if (fd < 0) {
        throw Libc.error("making a unix socket", Libc.errno(state));
      }
      byte[] name = reach.path.toString().getBytes(UTF_8);
      MemorySegment address = arena.allocate(2 + MAX_PATH + 1);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, JAVA_BYTE, 2, name.length);
      boolean bound =
          (int) Libc.BIND.invokeExact(state, fd, address, 2 + name.length + 1) == 0
              && (int) Libc.LISTEN.invokeExact(state, fd, backlog) == 0;
      if (!bound) {
        int errno = Libc.errno(state);
        close(fd);
        throw Libc.error("listening at " + path, errno);
      }
      return new UnixListener(fd);
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// Connects to a unix socket, whatever the length of its path.
  public static SocketChannel connect(Path path) throws IOException {
    try (Reach reach = Reach.of(path)) {
      return SocketChannel.open(UnixDomainSocketAddress.of(reach.path));
    }
  }

  public int descriptor() {
    return descriptor;
  }

  @Override
  public void close() {
    close(descriptor);
  }

  private static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) Libc.CLOSE.invokeExact(Libc.state(arena), fd);
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// A path short enough for a socket's address, by way of an open folder if need be.
  record Reach(Path path, int folder) implements AutoCloseable {

    static Reach of(Path path) throws IOException {
      Path absolute = path.toAbsolutePath();
      if (absolute.toString().getBytes(UTF_8).length <= MAX_PATH) {
        return new Reach(absolute, -1);
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = Libc.state(arena);
        MemorySegment folder = arena.allocateFrom(String.valueOf(absolute.getParent()));
        int fd = (int) Libc.OPEN.invokeExact(state, folder, O_PATH | O_CLOEXEC);
        if (fd < 0) {
          throw Libc.error("opening " + absolute.getParent(), Libc.errno(state));
        }
        return new Reach(Path.of("/proc/self/fd/" + fd).resolve(absolute.getFileName()), fd);
      } catch (IOException e) {
        throw e;
      } catch (Throwable t) {
        throw Libc.failed(t);
      }
    }

    @Override
    public void close() {
      if (folder >= 0) {
        UnixListener.close(folder);
      }
    }
  }
}
