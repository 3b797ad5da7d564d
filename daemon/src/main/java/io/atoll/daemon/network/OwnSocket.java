package io.atoll.daemon.network;

import io.atoll.daemon.store.PrivateFiles;
import io.atoll.p2p.udp.UdpSocket;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// The socket for packets of private networks, at the port that it had last: others go on sending
/// there while this daemon is away.
final class OwnSocket {
  private OwnSocket() {}

  /// @param port the one that is wanted; 0 = the last one, or any
  static UdpSocket bind(Path folder, int port) throws IOException {
    Path file = folder.resolve("port");
    int last = port != 0 ? port : last(file);
    UdpSocket socket;
    try {
      socket = UdpSocket.bind(new InetSocketAddress("0.0.0.0", last));
    } catch (IOException taken) {
      if (port != 0 || last == 0) {
        throw taken;
      }
      socket = UdpSocket.bind(new InetSocketAddress("0.0.0.0", 0));
    }
    PrivateFiles.createIfAbsent(file);
    Files.writeString(file, Integer.toString(socket.address().getPort()));
    return socket;
  }

  private static int last(Path file) {
    try {
      int port = Integer.parseInt(Files.readString(file).strip());
      return port > 0 && port < 1 << 16 ? port : 0;
    } catch (IOException | NumberFormatException e) {
      return 0; // The first time, or half written: any port will do.
    }
  }

  /// The addresses of this machine at which others reach it, the one by which it talks to them
  /// first; none while it has none.
  ///
  /// @param inside whether a device, by its name, leads into a network that comes through here
  static List<String> addresses(UdpSocket socket, Predicate<String> inside) throws IOException {
    int port = socket.address().getPort();
    List<String> far = new ArrayList<>();
    for (NetworkInterface device : NetworkInterface.networkInterfaces().toList()) {
      if (!device.isUp() || device.isLoopback() || inside.test(device.getName())) {
        continue;
      }
      for (InterfaceAddress address : device.getInterfaceAddresses()) {
        if (address.getAddress() instanceof Inet4Address v4) {
          far.add(v4.getHostAddress() + ":" + port);
        }
      }
    }
    String outward = outward() + ":" + port;
    if (far.remove(outward)) {
      far.addFirst(outward);
    }
    return far;
  }

  /// Nothing is sent: a socket that is connected has chosen its address. To nobody's (RFC 5737).
  private static String outward() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress("192.0.2.1", 9));
      return socket.getLocalAddress().getHostAddress();
    } catch (SocketException e) {
      return ""; // It has no way to others.
    }
  }
}
