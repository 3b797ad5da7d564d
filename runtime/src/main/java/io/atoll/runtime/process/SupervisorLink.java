package io.atoll.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One connection to a supervisor. Frames, big-endian: u8 type, u8 zero, u16 length, then so many
/// bytes; `enum message` in `supervisor/atoll.h` lists the types. One thread reads; any may send.
///
/// The supervisor speaks first and names its version. Version 2 answers questions about cards as
/// well ([io.atoll.runtime.card.CardLine]); one of version 1 skips them, so it is not asked. Of a
/// higher one we understand what these have, and types that we do not know are skipped.
final class SupervisorLink implements AutoCloseable {
  /// What a supervisor says.
  sealed interface Said {
    record Hello(int version, boolean started, int supervisor, int payload, long outputEnd)
        implements Said {}

    record Started(int payload) implements Said {}

    record Output(long end) implements Said {}

    record Ended(RunRecord record) implements Said {}
  }

  private static final int HELLO = 1;
  private static final int STARTED = 2;
  private static final int OUTPUT = 3;
  private static final int EXIT = 4;
  private static final int STOP = 17;
  private static final int MAX_REASON = 200;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(4096).limit(0);

  private SupervisorLink(SocketChannel channel) {
    this.channel = channel;
  }

  static SupervisorLink connect(Path socket) throws IOException {
    return new SupervisorLink(UnixListener.connect(socket));
  }

  /// Waits for the next message.
  ///
  /// @throws EOFException if the supervisor is gone
  Said read() throws IOException {
    while (true) {
      need(4);
      int type = in.get(in.position());
      int length = in.getShort(in.position() + 2) & 0xffff;
      if (length > in.capacity() - 4) {
        throw new IOException("a message of " + length + " bytes is none of a supervisor");
      }
      need(4 + length);
      ByteBuffer body = in.slice(in.position() + 4, length);
      Said said = decode(type, body);
      in.position(in.position() + 4 + length);
      if (said != null) {
        return said;
      }
    }
  }

  private static @Nullable Said decode(int type, ByteBuffer body) throws IOException {
    int length = body.remaining();
    if (type == HELLO && length >= 20) {
      return new Said.Hello(
          body.get(0), body.get(1) != 0, body.getInt(4), body.getInt(8), body.getLong(12));
    }
    if (type == STARTED && length >= 4) {
      return new Said.Started(body.getInt(0));
    }
    if (type == OUTPUT && length >= 8) {
      return new Said.Output(body.getLong(0));
    }
    if (type == EXIT) {
      return new Said.Ended(
          RunRecord.ofExit(body).orElseThrow(() -> new IOException("an exit without a record")));
    }
    return null;
  }

  private void need(int bytes) throws IOException {
    while (in.remaining() < bytes) {
      in.compact();
      int n = channel.read(in);
      in.flip();
      if (n < 0) {
        throw new EOFException("the supervisor closed the connection");
      }
    }
  }

  /// Asks it to end the payload: SIGTERM now, SIGKILL to all of it after `grace`.
  void stop(Duration grace, String reason) throws IOException {
    byte[] text = reason.getBytes(UTF_8);
    text = Arrays.copyOf(text, Math.min(text.length, MAX_REASON));
    ByteBuffer frame = ByteBuffer.allocate(8 + text.length);
    frame.put((byte) STOP).put((byte) 0).putShort((short) (4 + text.length));
    frame.putInt(Math.clamp(grace.toMillis(), 0, Integer.MAX_VALUE)).put(text).flip();
    synchronized (channel) {
      while (frame.hasRemaining()) {
        channel.write(frame);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
