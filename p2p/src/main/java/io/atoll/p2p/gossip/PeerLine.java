package io.atoll.p2p.gossip;

import io.atoll.core.multiformat.Uvarint;
import io.atoll.p2p.gossip.machine.Rpc;
import io.atoll.p2p.gossip.machine.RpcCodec;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// The stream on which a peer is written to, and what waits for it. A peer that does not read loses
/// messages, then the stream; nobody waits for it.
final class PeerLine {
  private static final Duration WRITE = Duration.ofSeconds(20);
  private static final int MAX_WAITING = 1024;
  private static final long MAX_BYTES = 8L << 20;

  private final Stream stream;
  private final Deque<byte[]> waiting = new ArrayDeque<>(); // under the lock of this object
  private long bytes;
  private boolean closed;
  private long lost;
  private boolean ready;

  PeerLine(Stream stream) {
    this.stream = stream;
  }

  /// The machine knows of the peer from here on.
  synchronized void ready() {
    ready = true;
  }

  synchronized boolean isReady() {
    return ready;
  }

  void send(Rpc rpc) {
    byte[] encoded = RpcCodec.encode(rpc);
    synchronized (this) {
      if (closed) {
        return;
      }
      if (waiting.size() >= MAX_WAITING || bytes + encoded.length > MAX_BYTES) {
        lost++;
        return;
      }
      waiting.add(encoded);
      bytes += encoded.length;
      notifyAll();
    }
  }

  /// How many RPCs did not go, as the peer reads too slowly.
  synchronized long lost() {
    return lost;
  }

  /// Writes until `close` or until the peer is gone.
  void run() throws IOException, InterruptedException {
    while (true) {
      byte[] next;
      synchronized (this) {
        while (waiting.isEmpty() && !closed) {
          wait();
        }
        if (closed) {
          return;
        }
        next = waiting.remove();
        bytes -= next.length;
      }
      var framed = new ByteArrayOutputStream(next.length + 5);
      Uvarint.write(framed, next.length);
      framed.writeBytes(next);
      try (var _ = new Deadline(WRITE, stream::reset)) {
        stream.out().write(framed.toByteArray());
        stream.out().flush();
      }
    }
  }

  void close() {
    synchronized (this) {
      closed = true;
      waiting.clear();
      notifyAll();
    }
    stream.reset();
  }
}
