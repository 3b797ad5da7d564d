package io.atoll.core.websocket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One WebSocket behind its handshake. One thread reads; any thread writes. The reader answers
/// pings, and never waits for a writer to do so. It does not own the streams.
public final class WebSocketLine {
  /// Which end this is.
  public enum Side {
    CLIENT,
    SERVER
  }

  private static final int CONTINUED = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int LONGEST_CONTROL = 125;
  private static final int LONGEST_HEADER = 14;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final InputStream in;
  private final OutputStream out;
  private final boolean client;
  private final ReentrantLock writing = new ReentrantLock();

  // Under the lock.
  private byte[] frame = new byte[256];
  private boolean closeSent;

  private volatile byte @Nullable [] pong; // owed to the other end
  private volatile @Nullable Closing closing;
  private volatile long heardAt = System.nanoTime();
  private volatile boolean waiting;

  // Of the reader.
  private final byte[] head = new byte[LONGEST_HEADER];
  private long left;
  private int key;
  private boolean last = true;
  private boolean inMessage;

  public WebSocketLine(InputStream in, OutputStream out, Side side) {
    this.in = in;
    this.out = out;
    this.client = side == Side.CLIENT;
  }

  /// What came next of a message, as far as it is there.
  ///
  /// @return how many bytes; 0 for the end of a message; -1 where no message follows, and
  ///     [#closing] says why
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      throw new IllegalArgumentException("no room to read into");
    }
    while (left == 0) {
      if (closing != null) {
        return -1;
      }
      if (inMessage && last) {
        inMessage = false;
        return 0;
      }
      if (!header()) {
        return -1;
      }
    }
    int count = receive(into, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("end of stream inside a WebSocket frame");
    }
    if (!client) {
      key = mask(into, offset, count, key);
    }
    left -= count;
    return count;
  }

  /// A whole message.
  ///
  /// @param most its length; a longer one ends the conversation
  /// @return null where none follows
  public byte @Nullable [] message(byte[] buffer, int most) throws IOException {
    int length = 0;
    while (true) {
      int room = Math.min(most, buffer.length) - length;
      byte[] into = room > 0 ? buffer : new byte[1];
      int count = read(into, room > 0 ? length : 0, Math.max(1, room));
      if (count < 0) {
        return null;
      }
      if (count == 0) {
        byte[] whole = new byte[length];
        System.arraycopy(buffer, 0, whole, 0, length);
        return whole;
      }
      if (room <= 0) {
        close(Closing.TOO_BIG, "a message is longer than " + most + " bytes");
        throw new ProtocolException("a WebSocket message of more than " + most + " bytes");
      }
      length += count;
    }
  }

  /// What the other end said when it closed; null as long as it did not.
  public @Nullable Closing closing() {
    return closing;
  }

  /// For how long the reader has waited for anything at all, in nanoseconds; 0 where it is not
  /// waiting.
  public long silence() {
    return waiting ? System.nanoTime() - heardAt : 0;
  }

  /// @return whether a frame of data begins; not if there are no more
  private boolean header() throws IOException {
    int first = receive(head, 0, 1);
    if (first < 0) {
      closing = Closing.WITHOUT_A_WORD;
      return false;
    }
    fill(1, 1);
    int opcode = head[0] & 0xf;
    boolean masked = (head[1] & MASKED) != 0;
    long length = head[1] & 0x7f;
    if (length == 126) {
      fill(2, 2);
      length = ByteBuffer.wrap(head).getShort(2) & 0xffff;
    } else if (length == 127) {
      fill(2, 8);
      length = (long) LONGS.get(head, 2);
    }
    if ((head[0] & 0x70) != 0 || length < 0 || masked == client) {
      throw broken("a frame that breaks the rules");
    }
    int newKey = 0;
    if (masked) {
      fill(10, 4);
      newKey = ByteBuffer.wrap(head, 10, 4).getInt();
    }
    boolean whole = (head[0] & FINAL) != 0;
    switch (opcode) {
      case CONTINUED, TEXT, BINARY -> {
        if ((opcode == CONTINUED) != inMessage) {
          throw broken("a frame out of its place");
        }
        inMessage = true;
        last = whole;
        left = length;
        key = newKey;
      }
      case CLOSE, PING, PONG -> control(opcode, whole, length, newKey);
      default -> throw broken("a frame of kind " + opcode);
    }
    return closing == null;
  }

  private ProtocolException broken(String what) throws IOException {
    close(Closing.PROTOCOL_ERROR, what);
    return new ProtocolException("the other end of a WebSocket sent " + what);
  }

  private void control(int opcode, boolean whole, long length, int newKey) throws IOException {
    if (length > LONGEST_CONTROL || !whole) {
      throw broken("a control frame that breaks the rules");
    }
    byte[] body = new byte[(int) length];
    for (int done = 0; done < body.length; ) {
      int count = receive(body, done, body.length - done);
      if (count < 0) {
        throw new EOFException("end of stream inside a WebSocket frame");
      }
      done += count;
    }
    if (!client) {
      mask(body, 0, body.length, newKey);
    }
    if (opcode == PING) {
      pong = body;
      payDebts();
    } else if (opcode == CLOSE) {
      Closing said = Closing.read(body);
      closing = said;
      close(said.isNormal() ? Closing.NORMAL : said.code(), "");
    }
  }

  private void fill(int at, int count) throws IOException {
    for (int done = 0; done < count; ) {
      int got = receive(head, at + done, count - done);
      if (got < 0) {
        throw new EOFException("end of stream inside a WebSocket frame");
      }
      done += got;
    }
  }

  private int receive(byte[] into, int offset, int length) throws IOException {
    heardAt = System.nanoTime();
    waiting = true;
    try {
      return in.read(into, offset, length);
    } finally {
      waiting = false;
    }
  }

  /// Sends one binary message.
  public void write(byte[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    writing.lock();
    try {
      if (closeSent) {
        throw new IOException("this end of the WebSocket is closed");
      }
      send(BINARY, from, offset, length);
    } finally {
      writing.unlock();
    }
    payDebts();
  }

  /// Asks for a sign of life, unless something is being written, which is one.
  public void ping() throws IOException {
    if (writing.tryLock()) {
      try {
        if (!closeSent) {
          send(PING, new byte[0], 0, 0);
        }
      } finally {
        writing.unlock();
      }
      payDebts();
    }
  }

  /// Sends the last frame, once; what the other end sends until it answers can still be read.
  public void close(int code, String reason) throws IOException {
    byte[] body = new Closing(code, reason).bytes();
    writing.lock();
    try {
      if (!closeSent) {
        closeSent = true;
        send(CLOSE, body, 0, body.length);
      }
    } finally {
      writing.unlock();
    }
  }

  /// Whoever holds the lock looks for what is owed when it lets go.
  private void payDebts() throws IOException {
    while (pong != null && writing.tryLock()) {
      try {
        byte[] owed = pong;
        pong = null;
        if (owed != null && !closeSent) {
          send(PONG, owed, 0, owed.length);
        }
      } finally {
        writing.unlock();
      }
    }
  }

  private void send(int opcode, byte[] from, int offset, int length) throws IOException {
    int most = LONGEST_HEADER + length;
    if (frame.length < most) {
      frame = new byte[Math.max(most, 2 * Math.min(frame.length, 1 << 16))];
    }
    ByteBuffer to = ByteBuffer.wrap(frame);
    to.put((byte) (FINAL | opcode));
    int mask = client ? MASKED : 0;
    if (length <= LONGEST_CONTROL) {
      to.put((byte) (mask | length));
    } else if (length < 1 << 16) {
      to.put((byte) (mask | 126)).putShort((short) length);
    } else {
      to.put((byte) (mask | 127)).putLong(length);
    }
    int sendKey = client ? ThreadLocalRandom.current().nextInt() : 0;
    if (client) {
      to.putInt(sendKey);
    }
    int start = to.position();
    to.put(from, offset, length);
    if (client) {
      mask(frame, start, length, sendKey);
    }
    out.write(frame, 0, start + length);
    out.flush();
  }

  /// Masks bytes in place, which also takes the mask off.
  ///
  /// @return the key turned to where the next bytes begin
  static int mask(byte[] bytes, int offset, int length, int key) {
    long wide = (long) key << 32 | (key & 0xffff_ffffL);
    int at = offset;
    int end = offset + length;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      LONGS.set(bytes, at, (long) LONGS.get(bytes, at) ^ wide);
    }
    for (int i = 0; at < end; at++, i++) {
      bytes[at] ^= (byte) (key >>> (24 - 8 * (i & 3)));
    }
    return Integer.rotateLeft(key, 8 * (length & 3));
  }
}
