package io.atoll.core.os;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/// The file of a unix socket in a folder of somebody who is not trusted, such as a QEMU that its
/// guest may have taken over. Whatever is put under the name afterwards, a link to another socket
/// or to a file of ours, what is done here is done with this very file.
public final class SocketFile implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final int O_NOFOLLOW =
      System.getProperty("os.arch", "").equals("aarch64") ? 0x8000 : 0x20000;
  private static final int FILE_TYPE = 0170000;
  private static final int SOCKET_TYPE = 0140000;

  private final int descriptor;
  private final Object key;
  private boolean closed; // guarded by this

  private SocketFile(int descriptor, Object key) {
    this.descriptor = descriptor;
    this.key = key;
  }

  /// @throws NoSuchFileException if there is nothing
  /// @throws IOException if it is no socket, but a link to one, say
  public static SocketFile open(Path path) throws IOException {
    int fd = descriptor(path);
    try {
      int mode = (int) Files.getAttribute(through(fd), "unix:mode");
      if ((mode & FILE_TYPE) != SOCKET_TYPE) {
        throw new IOException(path + " is no socket");
      }
      BasicFileAttributes known = Files.readAttributes(through(fd), BasicFileAttributes.class);
      return new SocketFile(fd, Objects.requireNonNull(known.fileKey(), "Linux has file keys"));
    } catch (IOException | RuntimeException e) {
      Libc.close(fd);
      throw e;
    }
  }

  private static int descriptor(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment name = arena.allocateFrom(path.toAbsolutePath().toString());
      int fd = (int) Libc.OPEN.invokeExact(state, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0) {
        return fd;
      }
      int errno = Libc.errno(state);
      if (errno == Errno.ENOENT) {
        throw new NoSuchFileException(path.toString());
      }
      throw Libc.error("opening the unix socket " + path, errno);
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private static Path through(int descriptor) {
    return Path.of("/proc/self/fd/" + descriptor);
  }

  /// Another name of it, good until this is closed.
  public Path path() {
    return through(descriptor);
  }

  /// Whether both are the same file.
  public boolean same(SocketFile other) {
    return key.equals(other.key);
  }

  /// Lets everybody send to it or connect who may walk to its folder.
  public void letAll() throws IOException {
    Files.setPosixFilePermissions(path(), PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Libc.close(descriptor);
    }
  }
}
