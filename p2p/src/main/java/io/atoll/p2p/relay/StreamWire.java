package io.atoll.p2p.relay;

import io.atoll.p2p.host.Stream;
import io.atoll.p2p.transport.Wire;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;

/// A stream through a relay, as the wire that a connection is made of.
final class StreamWire implements Wire {
  private final Stream stream;
  private final CountDownLatch closed = new CountDownLatch(1);

  StreamWire(Stream stream) {
    this.stream = stream;
  }

  @Override
  public InputStream in() {
    return stream.in();
  }

  @Override
  public OutputStream out() {
    return stream.out();
  }

  @Override
  public void close() {
    stream.close();
    closed.countDown();
  }

  /// Until the connection on it has ended.
  void awaitClosed() throws InterruptedException {
    closed.await();
  }
}
