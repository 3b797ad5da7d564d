package io.atoll.client.gate;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Takes connections on this machine, each on a virtual thread of its own.
final class Doorstep implements AutoCloseable {
  /// A thousand may come at once; with fewer places the system lets them wait for seconds.
  private static final int BACKLOG = 4096;

  private static final int PATIENCE_MILLIS = 1000;

  /// What to do with a connection; the socket is closed behind it.
  interface Visit {
    void serve(Socket socket) throws IOException, InterruptedException;
  }

  private final ServerSocket listening;
  private final Visit visit;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("doorstep").unstarted(this::accept);
  private volatile boolean closed;

  private Doorstep(ServerSocket listening, Visit visit) {
    this.listening = listening;
    this.visit = visit;
  }

  /// @throws AtollException CONFLICT if the address cannot be listened on
  static Doorstep open(InetAddress bind, int port, Visit visit) {
    try {
      Doorstep made = new Doorstep(new ServerSocket(port, BACKLOG, bind), visit);
      made.thread.start();
      return made;
    } catch (IOException e) {
      throw cannotListen(bind, port, e);
    }
  }

  static AtollException cannotListen(InetAddress bind, int port, IOException cause) {
    return new AtollException(
        ErrorCode.CONFLICT,
        "cannot listen on "
            + AddressText.of(new InetSocketAddress(bind, port))
            + ": "
            + cause.getMessage(),
        "choose another port; 0 takes any free one",
        cause);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listening.accept();
        open.add(socket);
        Thread.ofVirtual().name("visit").start(() -> serve(socket));
      } catch (IOException e) {
        if (!closed) {
          pause(); // Too many files are open, most likely.
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      visit.serve(socket);
    } catch (IOException gone) {
      // Whoever came has left.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      listening.close();
      // As long as somebody waits in it, the system takes connections.
      thread.join(PATIENCE_MILLIS);
      for (Socket socket : open) {
        socket.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException gone) {
      // That was wanted.
    }
  }
}
