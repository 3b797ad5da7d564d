package io.atoll.vpn.relay;

import io.atoll.p2p.host.Stream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// A stream of messages, each behind its length in two bytes. Any thread may send; who does not
/// read what it is sent is hung up on.
final class MessageLine {
  private static final int QUEUE = 256;

  @FunctionalInterface
  interface Listener {
    void heard(RelayMessage message) throws IOException;
  }

  private final Stream stream;
  private final ArrayBlockingQueue<RelayMessage> waiting = new ArrayBlockingQueue<>(QUEUE);

  MessageLine(Stream stream) {
    this.stream = stream;
  }

  void send(RelayMessage message) {
    if (!waiting.offer(message)) {
      stream.reset();
    }
  }

  /// Hands over what comes, until the stream ends.
  void run(Listener listener) throws IOException {
    Thread writer = Thread.ofVirtual().name("relay messages").start(this::writeAll);
    try {
      for (byte[] bytes = next(); bytes != null; bytes = next()) {
        RelayMessage message = RelayMessage.read(bytes);
        if (message != null) {
          listener.heard(message);
        }
      }
    } finally {
      writer.interrupt();
    }
  }

  private void writeAll() {
    try {
      OutputStream out = stream.out();
      while (true) {
        byte[] bytes = waiting.take().write();
        out.write(
            ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) bytes.length)
                .put(bytes)
                .array());
        out.flush();
      }
    } catch (IOException e) {
      stream.reset();
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private byte @Nullable [] next() throws IOException {
    InputStream in = stream.in();
    int high = in.read();
    if (high < 0) {
      return null;
    }
    int low = in.read();
    int length = high << 8 | low;
    if (low < 0 || length > RelayMessage.LONGEST) {
      throw new ProtocolException("a relay's message of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the stream ended in the middle of a message");
    }
    return bytes;
  }

  void close() {
    stream.reset();
  }
}
