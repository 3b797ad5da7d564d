package io.atoll.p2p.muxer.yamux;

import io.atoll.p2p.transport.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The one thread that reads a channel. It hands on what comes and never waits for anybody.
final class FrameReader implements Runnable {
  private static final int CHUNK = 64 << 10;
  private static final int KNOWN_FLAGS = Frame.SYN | Frame.ACK | Frame.FIN | Frame.RST;

  private final YamuxSession session;
  private final InputStream in;

  FrameReader(YamuxSession session, Wire channel) {
    this.session = session;
    this.in = channel.in();
  }

  @Override
  public void run() {
    byte[] header = new byte[Frame.HEADER];
    try {
      while (true) {
        int got = in.readNBytes(header, 0, Frame.HEADER);
        if (got < Frame.HEADER) {
          throw new EOFException(got == 0 ? "the peer hung up" : "the peer hung up mid-frame");
        }
        session.keepAlive().heard();
        read(ByteBuffer.wrap(header));
      }
    } catch (ProtocolException e) {
      session.queue().control(Frame.goAway(Frame.PROTOCOL_ERROR));
      session.queue().drain(100);
      session.fail(e);
    } catch (IOException e) {
      session.fail(e);
    } catch (RuntimeException e) {
      session.fail(new IOException("yamux reader: " + e, e));
    }
  }

  private void read(ByteBuffer header) throws IOException {
    int version = header.get();
    int type = header.get();
    int flags = header.getShort() & KNOWN_FLAGS;
    int id = header.getInt();
    int length = header.getInt();
    if (version != 0) {
      throw new ProtocolException("yamux: version " + version);
    }
    switch (type) {
      case Frame.DATA -> data(flags, id, Integer.toUnsignedLong(length));
      case Frame.WINDOW -> window(flags, id, length);
      case Frame.PING -> ping(flags, length);
      case Frame.GO_AWAY -> goAway(length);
      default -> throw new ProtocolException("yamux: frame type " + type);
    }
  }

  private void data(int flags, int id, long length) throws IOException {
    if (length > session.config().maxWindow()) {
      throw new ProtocolException("yamux: a frame larger than any window");
    }
    YamuxStream stream = begin(flags, id);
    if (stream != null && !stream.inlet().admit(length)) {
      stream.reset();
      stream = null;
    }
    for (long left = length; left > 0; ) {
      byte[] chunk = in.readNBytes((int) Math.min(left, CHUNK));
      if (chunk.length == 0) {
        throw new EOFException("the peer hung up mid-frame");
      }
      left -= chunk.length;
      session.keepAlive().heard();
      if (stream != null && !stream.inlet().deliver(chunk)) {
        stream.reset();
        stream = null;
      }
    }
    end(flags, stream);
  }

  private void window(int flags, int id, int delta) throws IOException {
    YamuxStream stream = begin(flags, id);
    if (stream != null) {
      stream.outlet().credit(delta);
    }
    end(flags, stream);
  }

  /// What was reset or is over on this side is unknown here: its last frames are dropped in
  /// silence.
  private @Nullable YamuxStream begin(int flags, int id) throws ProtocolException {
    if (id == 0) {
      throw new ProtocolException("yamux: a stream with id 0");
    }
    if ((flags & Frame.SYN) != 0) {
      session.opened(id);
    }
    YamuxStream stream = session.find(id);
    if (stream != null && (flags & Frame.ACK) != 0) {
      session.acknowledged(stream);
    }
    return stream;
  }

  private void end(int flags, @Nullable YamuxStream stream) {
    if (stream == null) {
      return;
    }
    if ((flags & Frame.RST) != 0) {
      session.forget(stream);
      stream.breakOff(new IOException("the stream was reset by the peer"), true);
    } else if ((flags & Frame.FIN) != 0) {
      stream.finReceived();
    }
  }

  private void ping(int flags, int value) throws ProtocolException {
    if ((flags & Frame.SYN) != 0) {
      session.queue().answer(Frame.ping(Frame.ACK, value));
    } else if ((flags & Frame.ACK) != 0) {
      session.keepAlive().answered(value);
    }
  }

  private void goAway(int reason) throws IOException {
    session.peerGoesAway();
    if (reason != Frame.NORMAL) {
      throw new IOException("the peer ended the connection, yamux reason " + reason);
    }
  }
}
