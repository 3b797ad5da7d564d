package io.atoll.client.gate;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.function.Consumer;

/// A port of UDP on this machine that leads to a member's: each who sends to it has a flow.
final class UdpForward implements Opening {
  private static final int LONGEST = 65_535;

  private final DatagramSocket socket;
  private final Flows<SocketAddress> flows;
  private final Target to;

  private UdpForward(DatagramSocket socket, GateDialer dialer, Target to, Consumer<String> notes) {
    this.socket = socket;
    this.to = to;
    this.flows =
        new Flows<>(
            dialer,
            (key, bytes, length) -> socket.send(new DatagramPacket(bytes, length, key)),
            notes);
  }

  static UdpForward open(ForwardSpec spec, GateDialer dialer, Consumer<String> notes) {
    try {
      DatagramSocket socket = new DatagramSocket(new InetSocketAddress(spec.bind(), spec.local()));
      UdpForward made = new UdpForward(socket, dialer, spec.target(), notes);
      Thread.ofPlatform().daemon().name("forward udp").start(made::receive);
      return made;
    } catch (IOException e) {
      throw Doorstep.cannotListen(spec.bind(), spec.local(), e);
    }
  }

  private void receive() {
    byte[] buffer = new byte[LONGEST];
    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
    while (!socket.isClosed()) {
      try {
        packet.setLength(buffer.length);
        socket.receive(packet);
        flows.send(packet.getSocketAddress(), to, Arrays.copyOf(buffer, packet.getLength()));
      } catch (IOException e) {
        // Closed, or a message about an earlier datagram: the next one tells.
      }
    }
  }

  @Override
  public String address() {
    return AddressText.of((InetSocketAddress) socket.getLocalSocketAddress());
  }

  @Override
  public void close() {
    socket.close();
    flows.close();
  }
}
