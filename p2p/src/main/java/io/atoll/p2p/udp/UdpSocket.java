package io.atoll.p2p.udp;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A bound UDP socket whose packets go to whom they are for. One platform thread reads; any thread
/// may send.
public final class UdpSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UdpSocket.class);
  private static final int LARGEST_PACKET = 65_535;
  private static final int SYSTEM_BUFFER = 4 << 20;
  private static final long PAUSE_MILLIS = 50;

  /// Takes packets of one kind, on the reading thread: it must not wait. The packet is the
  /// socket's again when this returns.
  @FunctionalInterface
  public interface Receiver {
    void received(ByteBuffer packet, InetSocketAddress from);
  }

  private final DatagramChannel channel;
  private final InetSocketAddress address;
  private final Map<PacketKind, Receiver> receivers = new ConcurrentHashMap<>();
  private final AtomicLong dropped = new AtomicLong();

  private UdpSocket(DatagramChannel channel) throws IOException {
    this.channel = channel;
    this.address = (InetSocketAddress) channel.getLocalAddress();
  }

  /// Binds, and reads from now on.
  public static UdpSocket bind(InetSocketAddress address) throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(
            address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6);
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, SYSTEM_BUFFER);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, SYSTEM_BUFFER);
      channel.bind(address);
      UdpSocket socket = new UdpSocket(channel);
      Thread.ofPlatform().daemon().name("udp-" + socket.address.getPort()).start(socket::readAll);
      return socket;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  public InetSocketAddress address() {
    return address;
  }

  /// From now on packets of this kind go there; before, they are dropped and counted.
  public void handle(PacketKind kind, Receiver receiver) {
    receivers.put(kind, receiver);
  }

  /// Sends one packet, or drops it where the system has no room for it.
  public void send(ByteBuffer packet, InetSocketAddress to) throws IOException {
    channel.send(packet, to);
  }

  /// How many packets were for nobody.
  public long dropped() {
    return dropped.get();
  }

  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing UDP port {}: {}", address.getPort(), e.getMessage());
    }
  }

  private void readAll() {
    ByteBuffer packet = ByteBuffer.allocateDirect(LARGEST_PACKET);
    while (channel.isOpen()) {
      try {
        packet.clear();
        SocketAddress from = channel.receive(packet);
        packet.flip();
        Receiver receiver = PacketKind.of(packet).map(receivers::get).orElse(null);
        if (receiver != null && from instanceof InetSocketAddress sender) {
          receiver.received(packet, sender);
        } else {
          dropped.incrementAndGet();
        }
      } catch (ClosedChannelException closed) {
        return;
      } catch (IOException | RuntimeException e) {
        // Such as a packet of ours that could not be delivered: that of others may be.
        log.debug("UDP port {}: {}", address.getPort(), e.toString());
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
