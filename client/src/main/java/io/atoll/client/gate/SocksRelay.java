package io.atoll.client.gate;

import io.atoll.client.gate.SocksWire.Datagram;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where one program's datagrams come to, each with whom it is for. Whose port it is, the first
/// one tells; nobody else is listened to.
final class SocksRelay implements AutoCloseable {
  private static final int LONGEST = 65_535;

  private final DatagramSocket socket;
  private final InetAddress program;
  private final Flows<Key> flows;
  private volatile @Nullable SocketAddress from;

  /// A flow: whom it is for, and the header to put before what comes back, a byte a character.
  private record Key(Target target, String head) {}

  private SocksRelay(
      DatagramSocket socket, InetAddress program, GateDialer dialer, Consumer<String> notes) {
    this.socket = socket;
    this.program = program;
    this.flows = new Flows<>(dialer, this::back, notes);
  }

  static SocksRelay open(
      InetAddress here, InetAddress program, GateDialer dialer, Consumer<String> notes)
      throws IOException {
    SocksRelay made =
        new SocksRelay(new DatagramSocket(new InetSocketAddress(here, 0)), program, dialer, notes);
    Thread.ofVirtual().name("socks relay").start(made::receive);
    return made;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private void receive() {
    byte[] buffer = new byte[LONGEST];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    while (!socket.isClosed()) {
      try {
        packet.setLength(buffer.length);
        socket.receive(packet);
      } catch (IOException e) {
        continue; // Closed, or a message about an earlier datagram.
      }
      if (from == null && packet.getAddress().equals(program)) {
        from = packet.getSocketAddress();
      }
      Datagram datagram =
          packet.getSocketAddress().equals(from)
              ? SocksWire.datagram(buffer, packet.getLength())
              : null;
      if (datagram != null) {
        Key key =
            new Key(datagram.target(), new String(datagram.head(), StandardCharsets.ISO_8859_1));
        flows.send(key, datagram.target(), datagram.bytes());
      }
    }
  }

  private void back(Key key, byte[] bytes, int length) throws IOException {
    SocketAddress to = from;
    byte[] head = key.head.getBytes(StandardCharsets.ISO_8859_1);
    if (to != null && head.length + length <= LONGEST) {
      byte[] packet = new byte[head.length + length];
      System.arraycopy(head, 0, packet, 0, head.length);
      System.arraycopy(bytes, 0, packet, head.length, length);
      socket.send(new DatagramPacket(packet, packet.length, to));
    }
  }

  @Override
  public void close() {
    socket.close();
    flows.close();
  }
}
