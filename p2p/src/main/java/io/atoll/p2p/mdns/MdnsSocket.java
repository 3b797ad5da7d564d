package io.atoll.p2p.mdns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The socket that all programs with mDNS on this machine share a port by. One thread reads; any
/// may send.
final class MdnsSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MdnsSocket.class);
  private static final InetAddress GROUP = group();
  private static final int HOPS = 255;

  private final DatagramChannel channel;
  private final InetSocketAddress everybody;
  private final Set<String> names;
  private volatile List<Link> links = List.of();

  // Under the lock of this object.
  private final Set<String> joined = new HashSet<>();

  private MdnsSocket(DatagramChannel channel, MdnsSettings settings) {
    this.channel = channel;
    this.everybody = new InetSocketAddress(GROUP, settings.port());
    this.names = settings.interfaces();
  }

  static MdnsSocket open(MdnsSettings settings) throws IOException {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, HOPS);
      // Other programs on this machine are to hear it too.
      channel.setOption(StandardSocketOptions.IP_MULTICAST_LOOP, true);
      channel.bind(new InetSocketAddress(settings.port()));
      MdnsSocket socket = new MdnsSocket(channel, settings);
      socket.look();
      return socket;
    } catch (IOException e) {
      channel.close();
      throw new IOException(
          "cannot listen for mDNS on UDP port " + settings.port() + ": " + e.getMessage(), e);
    }
  }

  /// Looks which interfaces there are now, and listens on those that are new.
  synchronized void look() throws IOException {
    List<Link> now = Link.now(names);
    Set<String> present = new HashSet<>();
    for (Link link : now) {
      // With its address: an interface that went and came again has to be joined again.
      String key = link.card().getIndex() + " " + link.subnets();
      present.add(key);
      if (joined.contains(key)) {
        continue;
      }
      try {
        channel.join(GROUP, link.card());
      } catch (IOException | IllegalStateException e) {
        log.debug("no mDNS on {}: {}", link.card().getName(), e.toString());
      }
      joined.add(key);
    }
    joined.retainAll(present);
    links = now;
  }

  List<Link> links() {
    return links;
  }

  /// @return whether the system took it
  synchronized boolean send(byte[] packet, Link link) {
    try {
      channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, link.card());
      channel.send(ByteBuffer.wrap(packet), everybody);
      return true;
    } catch (IOException e) {
      log.debug("mDNS to {}: {}", link.card().getName(), e.toString());
      return false;
    }
  }

  /// Waits for the next packet, and puts it into the buffer.
  InetSocketAddress receive(ByteBuffer into) throws IOException {
    return (InetSocketAddress) channel.receive(into.clear());
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing mDNS: {}", e.toString());
    }
  }

  private static InetAddress group() {
    try {
      return InetAddress.getByAddress(new byte[] {(byte) 224, 0, 0, (byte) 251});
    } catch (IOException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }
}
