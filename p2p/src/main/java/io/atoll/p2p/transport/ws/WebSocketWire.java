package io.atoll.p2p.transport.ws;

import io.atoll.p2p.transport.BulkInput;
import io.atoll.p2p.transport.BulkOutput;
import io.atoll.p2p.transport.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/// The frames of RFC 6455 §5 over a wire. One reading thread and one writing thread; the reader
/// answers pings.
final class WebSocketWire implements Wire {
  private static final int CONTINUED = 0;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int LONGEST_CONTROL = 125;
  private static final int LARGEST_BODY = 64 << 10;
  private static final int LONGEST_HEADER = 14;

  private final Wire wire;
  private final boolean dialler;
  private final In in = new In();
  private final Out out = new Out();
  private final ReentrantLock writing = new ReentrantLock();

  // Under the lock.
  private byte[] frame = new byte[256];

  WebSocketWire(Wire wire, boolean dialler) {
    this.wire = wire;
    this.dialler = dialler;
  }

  @Override
  public InputStream in() {
    return in;
  }

  @Override
  public OutputStream out() {
    return out;
  }

  @Override
  public void close() {
    wire.close();
  }

  private void send(int opcode, byte[] from, int offset, int length) throws IOException {
    writing.lock();
    try {
      int most = LONGEST_HEADER + length;
      if (frame.length < most) {
        frame = new byte[Math.min(LONGEST_HEADER + LARGEST_BODY, 2 * most)];
      }
      ByteBuffer to = ByteBuffer.wrap(frame);
      to.put((byte) (FINAL | opcode));
      int mask = dialler ? MASKED : 0;
      if (length <= LONGEST_CONTROL) {
        to.put((byte) (mask | length));
      } else if (length < 1 << 16) {
        to.put((byte) (mask | 126)).putShort((short) length);
      } else {
        to.put((byte) (mask | 127)).putLong(length);
      }
      if (dialler) {
        int key = ThreadLocalRandom.current().nextInt();
        to.putInt(key);
        int start = to.position();
        to.put(from, offset, length);
        mask(frame, start, length, key, 0);
      } else {
        to.put(from, offset, length);
      }
      wire.out().write(frame, 0, to.position());
      wire.out().flush();
    } finally {
      writing.unlock();
    }
  }

  /// @param phase how many bytes of the payload came before
  static void mask(byte[] bytes, int offset, int length, int key, long phase) {
    int turned = Integer.rotateLeft(key, 8 * (int) (phase & 3));
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    long wide = ((long) turned << 32) | (turned & 0xffff_ffffL);
    while (buffer.remaining() >= Long.BYTES) {
      int at = buffer.position();
      buffer.putLong(buffer.getLong(at) ^ wide);
    }
    for (int i = buffer.position(), n = 0; i < offset + length; i++, n++) {
      bytes[i] ^= (byte) (turned >>> (24 - 8 * (n & 3)));
    }
  }

  private final class Out extends BulkOutput {
    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, from.length);
      for (int done = 0; done < length; ) {
        int count = Math.min(length - done, LARGEST_BODY);
        send(BINARY, from, offset + done, count);
        done += count;
      }
    }
  }

  private final class In extends BulkInput {
    private long left;
    private long read;
    private int key;
    private boolean ended;

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      if (length == 0) {
        return 0;
      }
      while (left == 0 && !ended) {
        readHeader();
      }
      if (ended) {
        return -1;
      }
      int count = wire.in().read(into, offset, (int) Math.min(length, left));
      if (count < 0) {
        throw new EOFException("end of stream inside a WebSocket frame");
      }
      mask(into, offset, count, key, read);
      left -= count;
      read += count;
      return count;
    }

    @Override
    public int available() throws IOException {
      return (int) Math.min(left, wire.in().available());
    }

    private void readHeader() throws IOException {
      int first = wire.in().read();
      if (first < 0) {
        ended = true;
        return;
      }
      int second = octet();
      int opcode = first & 0xf;
      long length = second & 0x7f;
      if (length == 126) {
        length = number(2);
      } else if (length == 127) {
        length = number(8);
      }
      boolean masked = (second & MASKED) != 0;
      if ((first & 0x70) != 0 || length < 0 || masked == dialler) {
        throw new ProtocolException("a WebSocket frame that breaks the rules");
      }
      int frameKey = masked ? (int) number(4) : 0;
      switch (opcode) {
        case CONTINUED, BINARY -> {
          left = length;
          read = 0;
          key = frameKey;
        }
        case CLOSE, PING, PONG -> control(opcode, first, length, frameKey);
        default -> throw new ProtocolException("a WebSocket frame of kind " + opcode);
      }
    }

    private void control(int opcode, int first, long length, int frameKey) throws IOException {
      if (length > LONGEST_CONTROL || (first & FINAL) == 0) {
        throw new ProtocolException("a WebSocket control frame that breaks the rules");
      }
      byte[] body = wire.in().readNBytes((int) length);
      if (body.length < length) {
        throw new EOFException("end of stream inside a WebSocket frame");
      }
      mask(body, 0, body.length, frameKey, 0);
      if (opcode == PING) {
        send(PONG, body, 0, body.length);
      } else if (opcode == CLOSE) {
        ended = true;
        send(CLOSE, body, 0, body.length);
      }
    }

    private int octet() throws IOException {
      int octet = wire.in().read();
      if (octet < 0) {
        throw new EOFException("end of stream inside a WebSocket frame");
      }
      return octet;
    }

    private long number(int bytes) throws IOException {
      long number = 0;
      for (int i = 0; i < bytes; i++) {
        number = (number << 8) | octet();
      }
      return number;
    }
  }
}
