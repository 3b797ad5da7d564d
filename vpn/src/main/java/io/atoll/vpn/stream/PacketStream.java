package io.atoll.vpn.stream;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Stream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;

/// One stream of packets. Any thread may send; one thread writes, one reads.
public final class PacketStream {
  static final int LENGTH = 2;
  static final int LONGEST = 65_535;

  /// What may wait to be written: a tenth of a second of a slow line.
  static final int MOST_WAITING = 128 << 10;

  private static final int TOGETHER = 64 << 10;

  private final Stream stream;
  private final LongAdder dropped;

  // Under the lock of this object.
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean closed;

  /// @param dropped counts what never leaves
  PacketStream(Stream stream, LongAdder dropped) {
    this.stream = stream;
    this.dropped = dropped;
  }

  public PeerId remote() {
    return stream.remote();
  }

  /// Sends datagrams that lie one behind the other; does not wait.
  ///
  /// @param segment of each but the last, which may be shorter
  /// @return how many are on their way; older ones may be dropped for them
  public int send(MemorySegment datagrams, long offset, int length, int segment) {
    int taken = 0;
    for (int at = 0; at < length; at += segment) {
      byte[] copy = new byte[Math.min(segment, length - at)];
      MemorySegment.copy(datagrams, JAVA_BYTE, offset + at, copy, 0, copy.length);
      taken += send(copy) ? 1 : 0;
    }
    return taken;
  }

  /// Sends one.
  public synchronized boolean send(byte[] datagram) {
    if (closed || datagram.length == 0 || datagram.length > LONGEST) {
      return false;
    }
    waiting.add(datagram);
    waitingBytes += datagram.length;
    while (waitingBytes > MOST_WAITING && waiting.size() > 1) {
      waitingBytes -= waiting.remove().length;
      dropped.increment();
    }
    notifyAll();
    return true;
  }

  /// Writes what comes until the stream ends.
  void writeAll() throws IOException, InterruptedException {
    OutputStream out = stream.out();
    ByteBuffer together = ByteBuffer.allocate(TOGETHER + LONGEST + LENGTH);
    while (take(together.clear())) {
      out.write(together.array(), 0, together.position());
      out.flush();
    }
  }

  /// @return false once it is closed
  private synchronized boolean take(ByteBuffer into) throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    while (!waiting.isEmpty() && into.position() < TOGETHER) {
      byte[] datagram = waiting.remove();
      waitingBytes -= datagram.length;
      into.putShort((short) datagram.length).put(datagram);
    }
    return !closed;
  }

  /// Reads until the other end is done.
  ///
  /// @throws ProtocolException if that is no stream of packets
  static void read(InputStream in, PacketReceiver receiver) throws IOException {
    MemorySegment memory = Arena.ofAuto().allocate(LONGEST, 64);
    ByteBuffer view = memory.asByteBuffer();
    byte[] bytes = new byte[LONGEST];
    for (int high = in.read(); high >= 0; high = in.read()) {
      int low = in.read();
      int length = high << 8 | low;
      if (low < 0 || length == 0) {
        throw new ProtocolException("a packet without a length");
      }
      if (in.readNBytes(bytes, 0, length) < length) {
        throw new EOFException("the stream ended in the middle of a packet");
      }
      view.clear().put(bytes, 0, length).flip();
      receiver.received(memory, view);
      if (in.available() < LENGTH) {
        receiver.batchEnded();
      }
    }
  }

  synchronized void close() {
    if (!closed) {
      closed = true;
      waiting.clear();
      notifyAll();
      stream.reset();
    }
  }
}
