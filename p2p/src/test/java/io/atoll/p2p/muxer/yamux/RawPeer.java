package io.atoll.p2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.p2p.testing.Pipe;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The other end of a session, frame by frame: for what a well-behaved end never sends.
final class RawPeer {
  record Received(int type, int flags, int stream, int length, byte[] body) {}

  final YamuxSession session;
  private final Wire wire;
  private final long pongMillis;
  private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();

  /// Starts a session that was dialled by this peer; its keep-alive pings are swallowed.
  RawPeer(YamuxConfig config, int capacity, boolean reads) {
    this(config, capacity, reads, -1);
  }

  /// @param pongMillis how late keep-alive pings are answered; negative = never
  RawPeer(YamuxConfig config, int capacity, boolean reads, long pongMillis) {
    this.pongMillis = pongMillis;
    Pipe pipe = new Pipe(capacity);
    wire = pipe.left();
    session = new YamuxSession(pipe.right(), Role.RESPONDER, config);
    session.start();
    if (reads) {
      Thread.startVirtualThread(this::read);
    }
  }

  RawPeer() {
    this(YamuxConfig.defaults(), 1 << 20, true);
  }

  private void read() {
    try {
      var in = new DataInputStream(wire.in());
      while (true) {
        in.readByte();
        int type = in.readByte();
        int flags = in.readShort();
        int stream = in.readInt();
        int length = in.readInt();
        byte[] body = in.readNBytes(type == Frame.DATA ? length : 0);
        if (type == Frame.PING && flags == Frame.SYN) {
          if (pongMillis >= 0) {
            Thread.sleep(pongMillis);
            send(Frame.PING, Frame.ACK, 0, length);
          }
        } else {
          received.add(new Received(type, flags, stream, length, body));
        }
      }
    } catch (IOException | InterruptedException ended) {
      received.add(new Received(-1, 0, 0, 0, new byte[0]));
    }
  }

  void send(int type, int flags, int stream, int length, byte... body) throws IOException {
    wire.out().write(head(0, type, flags, stream, length));
    wire.out().write(body);
  }

  static byte[] head(int version, int type, int flags, int stream, int length) {
    return ByteBuffer.allocate(Frame.HEADER)
        .put((byte) version)
        .put((byte) type)
        .putShort((short) flags)
        .putInt(stream)
        .putInt(length)
        .array();
  }

  void sendRaw(byte[] bytes) throws IOException {
    wire.out().write(bytes);
  }

  /// The next frame if there is one within that time.
  @Nullable Received poll(long millis) throws InterruptedException {
    return received.poll(millis, TimeUnit.MILLISECONDS);
  }

  Received next() throws InterruptedException {
    Received frame = received.poll(10, TimeUnit.SECONDS);
    assertThat(frame).as("a frame within 10 s").isNotNull();
    return frame;
  }

  void expect(int type, int flags, int stream, int length) throws InterruptedException {
    Received frame = next();
    assertThat(new int[] {frame.type, frame.flags, frame.stream, frame.length})
        .as("type, flags, stream, length")
        .containsExactly(type, flags, stream, length);
  }

  void expectEnd() throws InterruptedException {
    assertThat(next().type).isEqualTo(-1);
  }

  boolean quiet(long millis) throws InterruptedException {
    Thread.sleep(millis);
    return received.isEmpty();
  }

  void hangUp() {
    wire.close();
  }
}
