package io.atoll.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A loopback port that leads to another one, slowly in the direction of the answers.
final class SlowLine implements AutoCloseable {
  private final ServerSocket server;
  private final int target;
  private final int bytesPerSecond;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  SlowLine(int target, int bytesPerSecond) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    this.target = target;
    this.bytesPerSecond = bytesPerSecond;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket from = server.accept();
        Socket to = new Socket("127.0.0.1", target);
        sockets.add(from);
        sockets.add(to);
        Thread.ofVirtual().start(() -> copy(from, to, 0));
        Thread.ofVirtual().start(() -> copy(to, from, bytesPerSecond));
      }
    } catch (IOException e) {
      // closed with the line
    }
  }

  private static void copy(Socket from, Socket to, int bytesPerSecond) {
    byte[] buffer = new byte[64 << 10];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        if (bytesPerSecond > 0) {
          Thread.sleep(count * 1000L / bytesPerSecond);
        }
      }
    } catch (IOException | InterruptedException e) {
      // either end hung up
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
