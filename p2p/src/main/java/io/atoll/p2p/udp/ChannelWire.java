package io.atoll.p2p.udp;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// By the JDK, one packet a call: where there is no Linux, or native calls are not allowed.
final class ChannelWire implements UdpWire {
  private static final Logger log = LoggerFactory.getLogger(ChannelWire.class);
  private static final int LARGEST_PACKET = 65_535;

  private final DatagramChannel channel;
  private final InetSocketAddress address;
  private final ByteBuffer packet = ByteBuffer.allocateDirect(LARGEST_PACKET);
  private final MemorySegment memory = MemorySegment.ofBuffer(packet);

  private ChannelWire(DatagramChannel channel) throws IOException {
    this.channel = channel;
    this.address = (InetSocketAddress) channel.getLocalAddress();
  }

  static ChannelWire bind(InetSocketAddress address, int buffers) throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(
            address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6);
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, buffers);
      channel.setOption(StandardSocketOptions.SO_SNDBUF, buffers);
      channel.bind(address);
      return new ChannelWire(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void receive(Sink sink) throws IOException {
    packet.clear();
    SocketAddress from = channel.receive(packet);
    packet.flip();
    if (from instanceof InetSocketAddress sender) {
      sink.received(packet, sender);
      sink.batchEnded();
    }
  }

  @Override
  public void send(ByteBuffer one, InetSocketAddress to) throws IOException {
    channel.send(one, to);
  }

  @Override
  public int send(MemorySegment memory, long offset, long length, int size, InetSocketAddress to)
      throws IOException {
    ByteBuffer all = memory.asSlice(offset, length).asByteBuffer();
    int sent = 0;
    for (int at = 0; at < length; at += size) {
      all.limit((int) Math.min(length, (long) at + size)).position(at);
      sent += channel.send(all, to) > 0 ? 1 : 0;
      all.clear();
    }
    return sent;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public UdpAbilities abilities() {
    return UdpAbilities.CHANNEL;
  }

  @Override
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
}
