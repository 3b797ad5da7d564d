package io.atoll.p2p.relay;

import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// Copies between two streams until both directions have ended or a limit is reached; then both are
/// reset.
final class Circuit {
  static final int BUFFER = 16 << 10;

  private final Stream one;
  private final Stream other;
  private final CircuitLimit limit;

  Circuit(Stream one, Stream other, CircuitLimit limit) {
    this.one = one;
    this.other = other;
    this.limit = limit;
  }

  void run() throws InterruptedException {
    Thread back = Thread.ofVirtual().name("relay").start(() -> copy(other, one));
    if (limit.duration().isZero()) {
      copy(one, other);
      back.join();
      return;
    }
    try (var _ = new Deadline(limit.duration(), this::reset)) {
      copy(one, other);
      back.join();
    }
  }

  private void copy(Stream from, Stream to) {
    try {
      InputStream in = from.in();
      OutputStream out = to.out();
      byte[] buffer = new byte[BUFFER];
      long left = limit.data() == 0 ? Long.MAX_VALUE : limit.data();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (count > left) {
          reset();
          return;
        }
        left -= count;
        out.write(buffer, 0, count);
        out.flush();
      }
      out.close();
    } catch (IOException oneEndIsGone) {
      reset();
    }
  }

  private void reset() {
    one.reset();
    other.reset();
  }
}
