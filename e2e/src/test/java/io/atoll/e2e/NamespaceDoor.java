package io.atoll.e2e;

import io.atoll.core.os.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Leads from a port of loopback in one network namespace to one in another: by it a test reaches
/// what serves its own machine alone, and such a machine reaches what the test serves.
final class NamespaceDoor implements AutoCloseable {
  /// Where the test itself is.
  static final Path HERE = Path.of("/proc/self/ns/net");

  private static final String LOOPBACK = "127.0.0.1";

  private final ServerSocketChannel server;
  private final Path to;
  private final InetSocketAddress target;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  /// @param from the namespace in which it listens
  /// @param port there; 0 = any
  NamespaceDoor(Path from, int port, Path to, int targetPort)
      throws IOException, InterruptedException {
    this.to = to;
    this.target = new InetSocketAddress(LOOPBACK, targetPort);
    this.server =
        NetworkNamespace.inside(
            from, () -> ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, port)));
    Thread.ofVirtual().name("door").start(this::accept);
  }

  int port() {
    return server.socket().getLocalPort();
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel one = server.accept();
        Thread.ofVirtual().start(() -> lead(one));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void lead(SocketChannel one) {
    open.add(one);
    try (one;
        SocketChannel other = NetworkNamespace.inside(to, () -> SocketChannel.open(target))) {
      open.add(other);
      one.setOption(StandardSocketOptions.TCP_NODELAY, true);
      other.setOption(StandardSocketOptions.TCP_NODELAY, true);
      Thread back = Thread.ofVirtual().start(() -> copy(other, one));
      copy(one, other);
      back.join();
      open.remove(other);
    } catch (IOException notThere) {
      // Whoever came finds that as it is: nobody answers.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(one);
    }
  }

  private static void copy(SocketChannel from, SocketChannel into) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          into.write(buffer);
        }
        buffer.clear();
      }
      into.shutdownOutput();
    } catch (IOException broken) {
      close(from);
      close(into);
    }
  }

  private static void close(SocketChannel one) {
    try {
      one.close();
    } catch (IOException e) {
      // It is as good as closed.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    open.forEach(NamespaceDoor::close);
  }
}
