package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Receives descriptors that another process hands over on a unix stream socket (`SCM_RIGHTS`),
/// such as a device that it opened where this process cannot go. One thread at a time, which may
/// block.
public final class PassedDescriptors implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int STREAM_CLOEXEC = 1 | 0x80000;
  private static final int MOST_BYTES = 4096;

  private final Path path;
  private final DescriptorIo io;
  private final Messages messages = new Messages(1, 0);
  private final MemorySegment bytes = Arena.ofAuto().allocate(MOST_BYTES);

  /// What came with one message, of which the descriptors are the receiver's to close.
  ///
  /// @param bytes what was said with them; a stream does not keep messages apart, but what follows
  ///     descriptors never comes before them
  public record Passed(List<Descriptor> descriptors, byte[] bytes) {}

  private PassedDescriptors(Path path, Descriptor descriptor) {
    this.path = path;
    this.io = new DescriptorIo(descriptor);
  }

  public static PassedDescriptors connect(Path path) throws IOException {
    String what = "connecting to the unix socket " + path;
    try (Arena arena = Arena.ofConfined();
        UnixListener.Reach reach = UnixListener.Reach.of(path)) {
      MemorySegment state = Libc.state(arena);
      MemorySegment name = arena.allocate(UnixDatagram.NAME_ROOM, 8);
      int length = UnixDatagram.name(name, 0, reach.path());
      int fd = (int) Libc.SOCKET.invokeExact(state, AF_UNIX, STREAM_CLOEXEC, 0);
      if (fd < 0) {
        throw Libc.error(what, Libc.errno(state));
      }
      if ((int) Libc.CONNECT.invokeExact(state, fd, name, length) != 0) {
        int errno = Libc.errno(state);
        Libc.close(fd);
        throw Libc.error(what, errno);
      }
      return new PassedDescriptors(path, Descriptor.own(fd));
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// Says something to the other side, which takes it at once: a short question.
  public void say(byte[] question) throws IOException {
    if (question.length > MOST_BYTES) {
      throw new IllegalArgumentException("a question of " + question.length + " bytes");
    }
    MemorySegment.copy(question, 0, bytes, JAVA_BYTE, 0, question.length);
    long put = io.write(bytes, 0, question.length);
    if (put != question.length) {
      throw put < 0
          ? Libc.error("writing to " + path, (int) -put)
          : new IOException(path + " takes nothing more");
    }
  }

  /// Waits for the next message.
  ///
  /// @throws EOFException if the other side has closed
  /// @throws IOException if nothing came in time, or more descriptors than are taken at once
  public Passed receive(int millis) throws IOException {
    while (true) {
      messages.data(0, bytes, 0, MOST_BYTES);
      messages.expect(0);
      messages.nameLength(0, 0);
      long got = io.receive(messages, 0);
      if (got == -Errno.EAGAIN || got == -Errno.EINTR) {
        if (!io.awaitReadable(millis)) {
          throw new IOException(path + " handed nothing over in " + millis + " ms");
        }
        continue;
      }
      if (got < 0) {
        throw Libc.error("receiving from " + path, (int) -got);
      }
      if (got == 0) {
        throw new EOFException(path + " was closed by the other side");
      }
      return new Passed(owned(messages.descriptors(0)), bytes.asSlice(0, got).toArray(JAVA_BYTE));
    }
  }

  private List<Descriptor> owned(int[] numbers) throws IOException {
    List<Descriptor> all = new ArrayList<>();
    IOException failed = messages.descriptorsLost(0) ? lost() : null;
    for (int number : numbers) {
      try {
        all.add(Descriptor.own(number));
      } catch (IOException e) {
        failed = e;
      }
    }
    if (failed != null) {
      all.forEach(Descriptor::close);
      throw failed;
    }
    return all;
  }

  private IOException lost() {
    return new IOException(path + " handed over more descriptors than are taken at once");
  }

  @Override
  public void close() {
    io.descriptor().close();
  }
}
