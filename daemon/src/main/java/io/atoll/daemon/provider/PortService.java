package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecFrame;
import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Port;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.PortOpen;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.DriverException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Connects the hub that ordered a run to the run's published ports, where nobody from outside can:
/// to those and to nothing else of this machine.
final class PortService {
  private static final int CONNECT_MILLIS = 5000;
  private static final int BUFFER = 64 << 10;

  /// A flow of datagrams in which nothing happens ends.
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final Runs runs;
  private final OrderedRuns known;

  PortService(Runs runs, OrderedRuns known) {
    this.runs = runs;
    this.known = known;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.PORT, this::serve);
  }

  private void serve(Stream stream) throws IOException, InterruptedException {
    PortOpen asked = PortOpen.read(new DataInputStream(stream.in()));
    DataOutputStream out = new DataOutputStream(stream.out());
    try {
      Endpoint endpoint = endpoint(asked, known.of(asked.run().task(), stream.remote()));
      if (endpoint.port().protocol() == Port.Protocol.TCP) {
        try (Socket socket = connect(endpoint)) {
          answer(out, new ExecFrame.Ready());
          join(stream, socket);
        }
      } else {
        try (DatagramSocket socket = new DatagramSocket()) {
          socket.connect(addresses(endpoint).getFirst());
          answer(out, new ExecFrame.Ready());
          join(stream, socket);
        }
      }
    } catch (DriverException e) {
      answer(out, new ExecFrame.Failed(e.code().name(), e.text(), e.hint()));
    }
  }

  private static void answer(DataOutputStream out, ExecFrame frame) throws IOException {
    out.write(ExecFrame.bytes(frame));
    out.flush();
  }

  private Endpoint endpoint(PortOpen asked, OrderedRuns.@Nullable Ordered ordered)
      throws DriverException, InterruptedException {
    if (ordered == null || !ordered.run().equals(asked.run())) {
      throw new DriverException(
          ErrorCode.NOT_FOUND,
          "the node does not run " + asked.run(),
          "it was deleted or replaced");
    }
    Activity activity = runs.activity(asked.run(), ordered.workload());
    List<Endpoint> published = activity == null ? List.of() : activity.endpoints();
    for (Endpoint endpoint : published) {
      if (endpoint.port().equals(asked.port())) {
        return endpoint;
      }
    }
    throw new DriverException(
        activity == null ? ErrorCode.NOT_READY : ErrorCode.NOT_FOUND,
        asked.run() + " publishes no port " + asked.port() + " now",
        "name it with -p when the task is submitted");
  }

  /// Published ports are on this machine; which of its addresses leads there, the engine decides.
  private static List<InetSocketAddress> addresses(Endpoint endpoint) {
    InetSocketAddress here =
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), endpoint.hostPort());
    InetSocketAddress named = new InetSocketAddress(endpoint.host(), endpoint.hostPort());
    return named.isUnresolved() || named.getAddress().isAnyLocalAddress()
        ? List.of(here)
        : List.of(here, named);
  }

  private static Socket connect(Endpoint endpoint) throws DriverException {
    IOException failure = null;
    for (InetSocketAddress address : addresses(endpoint)) {
      Socket socket = new Socket();
      try {
        socket.setTcpNoDelay(true);
        socket.connect(address, CONNECT_MILLIS);
        return socket;
      } catch (IOException e) {
        failure = e;
        close(socket);
      }
    }
    throw new DriverException(
        ErrorCode.GATEWAY_REFUSED,
        "nothing listens on port " + endpoint.port() + " of the run: " + failure,
        "see what it writes: atoll logs");
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // That was wanted.
    }
  }

  private static void join(Stream stream, Socket socket) throws IOException {
    Thread up = Thread.ofVirtual().name("port up").start(() -> up(stream, socket));
    try {
      copy(socket.getInputStream(), stream.out());
      stream.out().close();
      up.join();
    } catch (IOException e) {
      stream.reset();
      throw e;
    } catch (InterruptedException e) {
      stream.reset();
      Thread.currentThread().interrupt();
    } finally {
      up.interrupt();
    }
  }

  private static void up(Stream stream, Socket socket) {
    try {
      copy(stream.in(), socket.getOutputStream());
      socket.shutdownOutput();
    } catch (IOException e) {
      stream.reset();
      close(socket);
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

  private static void join(Stream stream, DatagramSocket socket) throws IOException {
    DataInputStream in = new DataInputStream(stream.in());
    DataOutputStream out = new DataOutputStream(stream.out());
    socket.setSoTimeout((int) IDLE.toMillis());
    Thread up = Thread.ofVirtual().name("port up").start(() -> up(in, socket));
    byte[] buffer = new byte[PortOpen.LONGEST_DATAGRAM];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    try {
      while (!socket.isClosed()) {
        packet.setLength(buffer.length);
        if (received(socket, packet)) {
          PortOpen.writeDatagram(out, buffer, packet.getLength());
        }
      }
    } finally {
      up.interrupt();
      stream.reset();
    }
  }

  /// That nobody has the port now says nothing of the next datagram.
  private static boolean received(DatagramSocket socket, DatagramPacket packet) throws IOException {
    try {
      socket.receive(packet);
      return true;
    } catch (PortUnreachableException e) {
      return false;
    }
  }

  private static void up(DataInputStream in, DatagramSocket socket) {
    try (socket) {
      for (byte[] datagram = PortOpen.readDatagram(in);
          datagram != null;
          datagram = PortOpen.readDatagram(in)) {
        try {
          socket.send(new DatagramPacket(datagram, datagram.length));
        } catch (PortUnreachableException e) {
          // Of an earlier one.
        }
      }
    } catch (IOException e) {
      // The hub is gone.
    }
  }
}
