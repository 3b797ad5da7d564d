package io.atoll.daemon.hub;

import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes connections for a port of a run; each travels over a stream of its own.
final class TcpPortDoor implements PortDoor {
  private static final Logger log = LoggerFactory.getLogger(TcpPortDoor.class);
  private static final int BACKLOG = 1024;
  private static final int MOST = 1024;
  private static final int BUFFER = 64 << 10;

  /// A new stream to the port.
  interface Dial {
    Stream open() throws IOException, InterruptedException;
  }

  private final ServerSocket listening;
  private final Dial dial;
  private final Semaphore room = new Semaphore(MOST);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private TcpPortDoor(ServerSocket listening, Dial dial) {
    this.listening = listening;
    this.dial = dial;
  }

  static TcpPortDoor open(InetSocketAddress at, Dial dial) throws IOException {
    TcpPortDoor door =
        new TcpPortDoor(new ServerSocket(at.getPort(), BACKLOG, at.getAddress()), dial);
    Thread.ofVirtual().name("port door").start(door::accept);
    return door;
  }

  @Override
  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        room.acquire();
        Socket socket = accepted();
        open.add(socket);
        Thread.ofVirtual().name("port").start(() -> serve(socket));
      } catch (IOException e) {
        log.debug("a published port took no connection", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private Socket accepted() throws IOException {
    try {
      return listening.accept();
    } catch (IOException e) {
      room.release();
      throw e;
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      Stream stream = dialled(socket);
      Thread up = Thread.ofVirtual().name("port up").start(() -> up(socket, stream));
      try {
        copy(stream.in(), socket.getOutputStream());
        socket.shutdownOutput();
        up.join();
      } catch (IOException e) {
        socket.setSoLinger(true, 0); // As it was broken off there.
      } finally {
        stream.reset();
      }
    } catch (IOException e) {
      log.debug("a connection to a published port did not come about", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
      room.release();
    }
  }

  private Stream dialled(Socket socket) throws IOException, InterruptedException {
    try {
      return dial.open();
    } catch (IOException e) {
      socket.setSoLinger(true, 0); // Closing it then looks as where nobody listens.
      throw e;
    }
  }

  private static void up(Socket socket, Stream stream) {
    try {
      copy(socket.getInputStream(), stream.out());
      stream.out().close();
    } catch (IOException e) {
      stream.reset();
    }
  }

  private static void copy(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[BUFFER];
    int n;
    while ((n = from.read(buffer)) >= 0) {
      to.write(buffer, 0, n);
      to.flush();
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException gone) {
      // That was wanted.
    }
  }
}
