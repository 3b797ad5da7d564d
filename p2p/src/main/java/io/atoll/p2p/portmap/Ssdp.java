package io.atoll.p2p.portmap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;

/// Asks the network where the gateway describes itself.
final class Ssdp {
  private static final InetSocketAddress GROUP = new InetSocketAddress("239.255.255.250", 1900);
  private static final int LARGEST = 2048;
  private static final int MAX_PACKETS = 64;
  private static final int MAX_FOUND = 8;

  private static final List<String> WANTED =
      List.of(
          "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
          "urn:schemas-upnp-org:device:InternetGatewayDevice:2");

  private Ssdp() {}

  /// @param own the address to ask from: that of the network where the gateway is
  /// @param enough from whom an answer ends the search
  static List<URI> search(InetAddress own, InetAddress enough, long millis)
      throws IOException, InterruptedException {
    SequencedSet<URI> found = new LinkedHashSet<>();
    try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(own, 0))) {
      socket.setOption(
          StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByInetAddress(own));
      for (String target : WANTED) {
        byte[] request = request(target);
        socket.send(new DatagramPacket(request, request.length, GROUP));
      }
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      byte[] buffer = new byte[LARGEST];
      for (int i = 0; i < MAX_PACKETS && found.size() < MAX_FOUND; i++) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          break;
        }
        socket.setSoTimeout((int) left);
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        String text = new String(buffer, 0, packet.getLength(), StandardCharsets.ISO_8859_1);
        Optional<URI> location = location(text, packet.getAddress());
        location.ifPresent(found::add);
        if (location.isPresent() && packet.getAddress().equals(enough)) {
          break;
        }
      }
    } catch (SocketTimeoutException nobodyElse) {
      // Those that answer have done so.
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while looking for a gateway");
      }
      throw e;
    }
    return List.copyOf(found);
  }

  private static byte[] request(String target) {
    return ("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n"
            + "MX: 2\r\nST: "
            + target
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /// Where the sender of an answer describes itself. A place on another host does not count: nobody
  /// on the network is to send this node elsewhere.
  static Optional<URI> location(String text, InetAddress from) {
    String[] lines = text.split("\r?\n", -1);
    if (!lines[0].matches("HTTP/1\\.[01] 200\\b.*")) {
      return Optional.empty();
    }
    for (String line : lines) {
      if (line.toLowerCase(Locale.ROOT).startsWith("location:")) {
        return onHost(line.substring("location:".length()).strip(), from);
      }
    }
    return Optional.empty();
  }

  static Optional<URI> onHost(String text, InetAddress host) {
    try {
      URI uri = URI.create(text);
      boolean plain = "http".equals(uri.getScheme()) && uri.getUserInfo() == null;
      return plain && host.getHostAddress().equals(uri.getHost()) && uri.getPort() != 0
          ? Optional.of(uri)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
