package io.atoll.p2p.transport.quic;

import io.atoll.p2p.udp.UdpSocket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What Netty's codec takes for a UDP channel: it is fed with packets, and writes to our socket.
/// Fed by one thread, which never waits: beyond a bound packets are dropped, as a network does.
final class FedChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);
  private static final int MOST_WAITING = 4096;
  private static final int BATCH = 256;

  /// As much as one call takes; no packet is larger.
  private static final int RUN = 64 << 10;

  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final UdpSocket socket;
  private final Queue<DatagramPacket> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicBoolean drains = new AtomicBoolean();

  /// Packets that are sent together; of the event loop.
  private final MemorySegment run = Arena.ofAuto().allocate(RUN, 64);

  private final ByteBuffer runView = run.asByteBuffer();
  private volatile boolean open = true;

  FedChannel(UdpSocket socket) {
    super(null);
    this.socket = socket;
  }

  /// Copies a packet in.
  void feed(ByteBuffer packet, InetSocketAddress from) {
    if (!open || count.get() >= MOST_WAITING) {
      return;
    }
    ByteBuf copy = alloc().directBuffer(packet.remaining()).writeBytes(packet);
    waiting.add(new DatagramPacket(copy, socket.address(), from));
    count.incrementAndGet();
    if (drains.compareAndSet(false, true)) {
      eventLoop().execute(this::drain);
    }
  }

  /// A batch of what waits, which the codec answers together; a flood leaves time for timers.
  private void drain() {
    // Before the queue is looked at, so that what comes later begins another drain.
    drains.set(false);
    for (int i = 0; i < BATCH; i++) {
      DatagramPacket packet = next();
      if (packet == null) {
        break;
      }
      pipeline().fireChannelRead(packet);
    }
    pipeline().fireChannelReadComplete();
    if (!waiting.isEmpty() && drains.compareAndSet(false, true)) {
      eventLoop().execute(this::drain);
    }
  }

  private @Nullable DatagramPacket next() {
    DatagramPacket packet = waiting.poll();
    if (packet != null) {
      count.decrementAndGet();
    }
    return packet;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer out) {
    while (out.current() instanceof DatagramPacket first) {
      InetSocketAddress to = first.recipient();
      int size = first.content().readableBytes();
      int length = collect(out, to, size);
      if (size == 0) {
        continue; // what the codec says to whom it refuses at the first packet: nothing
      }
      try {
        socket.send(run, 0, length, size, to);
      } catch (IOException unsent) {
        // Lost, as on any network; a socket that is closed ends the connections by their timeout.
      }
    }
  }

  /// Moves into the run what the system takes in one call: packets for one address, all as large
  /// as the first, but the last, which may be smaller.
  ///
  /// @return how many bytes
  private int collect(ChannelOutboundBuffer out, InetSocketAddress to, int size) {
    runView.clear();
    boolean whole = true;
    while (whole && out.current() instanceof DatagramPacket packet) {
      ByteBuf content = packet.content();
      int count = content.readableBytes();
      if (count > Math.min(size, runView.remaining()) || !packet.recipient().equals(to)) {
        break;
      }
      content.getBytes(content.readerIndex(), runView.limit(runView.position() + count));
      runView.limit(RUN);
      whole = count == size;
      out.remove();
    }
    return runView.position();
  }

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof DatagramPacket) {
      return message;
    }
    throw new UnsupportedOperationException("only packets are sent here");
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new AbstractUnsafe() {
      @Override
      public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
        promise.setFailure(new UnsupportedOperationException("UDP is not connected here"));
      }
    };
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return true;
  }

  @Override
  protected SocketAddress localAddress0() {
    return socket.address();
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected void doBind(SocketAddress local) {}

  @Override
  protected void doDisconnect() {}

  @Override
  protected void doClose() {
    open = false;
    for (DatagramPacket packet = next(); packet != null; packet = next()) {
      ReferenceCountUtil.release(packet);
    }
  }

  @Override
  protected void doBeginRead() {}

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
