package io.atoll.vpn.exit;

import io.atoll.vpn.gateway.TcpStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// One connection from a member to a socket outside: two threads that carry bytes, each until its
/// end, which it passes on. When one fails both ends see that it was broken off.
final class Through {
  private static final int BUFFER = 16 << 10;

  private final TcpStream inside;
  private final Socket outside;
  private final Runnable over;
  private final AtomicInteger running = new AtomicInteger(2);

  /// @param over called once, when nothing of it is left
  Through(TcpStream inside, Socket outside, Runnable over) {
    this.inside = inside;
    this.outside = outside;
    this.over = over;
  }

  void start() {
    Thread.ofVirtual().name("exit out").start(() -> run(this::out));
    Thread.ofVirtual().name("exit in").start(() -> run(this::in));
  }

  @FunctionalInterface
  private interface Carrying {
    void run() throws IOException;
  }

  private void run(Carrying carrying) {
    try {
      carrying.run();
    } catch (IOException broken) {
      close();
    } finally {
      if (running.decrementAndGet() == 0) {
        inside.close();
        closeOutside();
        over.run();
      }
    }
  }

  private void out() throws IOException {
    carry(inside.input(), outside.getOutputStream());
    outside.shutdownOutput();
  }

  private void in() throws IOException {
    carry(outside.getInputStream(), inside.output());
    inside.output().close();
  }

  private static void carry(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
      to.write(buffer, 0, count);
    }
  }

  private void close() {
    inside.abort();
    closeOutside();
  }

  private void closeOutside() {
    try {
      outside.close();
    } catch (IOException e) {
      // Nothing more can be done about it.
    }
  }
}
