package io.atoll.p2p.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A TCP relay in front of an address. Frozen, it forwards nothing more and closes nothing: what a
/// cable that was cut looks like.
final class FreezableLine implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean frozen;

  FreezableLine(String address) throws IOException {
    target = Integer.parseInt(address.replaceAll(".*/tcp/(\\d+).*", "$1"));
    Thread.startVirtualThread(this::serve);
  }

  String address() {
    return "/ip4/127.0.0.1/tcp/" + server.getLocalPort();
  }

  void freeze() {
    frozen = true;
  }

  private void serve() {
    try {
      while (true) {
        Socket near = server.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.addAll(List.of(near, far));
        Thread.startVirtualThread(() -> forward(near, far));
        Thread.startVirtualThread(() -> forward(far, near));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void forward(Socket from, Socket to) {
    byte[] buffer = new byte[8192];
    try {
      for (int n = from.getInputStream().read(buffer);
          n >= 0 && !frozen;
          n = from.getInputStream().read(buffer)) {
        to.getOutputStream().write(buffer, 0, n);
      }
      if (!frozen) {
        to.shutdownOutput();
      }
    } catch (IOException ended) {
      // One end hung up: the other end's own reads see it, or the line is frozen.
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
