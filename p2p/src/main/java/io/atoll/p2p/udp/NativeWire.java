package io.atoll.p2p.udp;

import io.atoll.core.os.DescriptorIo;
import io.atoll.core.os.Errno;
import io.atoll.core.os.Messages;
import io.atoll.core.os.SocketName;
import io.atoll.core.os.UdpDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// By calls of its own: many packets in one, cut and joined by the system where it can. What the
/// system promises but refuses when it comes to it is done with less: `sendmmsg`, then packet by
/// packet; a refused cut is tried again after a while, since it may have been the path.
final class NativeWire implements UdpWire {
  private static final Logger log = LoggerFactory.getLogger(NativeWire.class);
  private static final int SLOTS = 4;
  private static final int SLOT_BYTES = 65_536;
  private static final int SENDERS = 4;

  private final UdpDescriptor socket;
  private final boolean joins;
  private final DescriptorIo reading;
  private final Messages incoming = new Messages(SLOTS, SocketName.ROOM);
  private final MemorySegment slots = Arena.ofAuto().allocate((long) SLOTS * SLOT_BYTES, 64);
  private final ByteBuffer view = slots.asByteBuffer();
  private final SenderNames names = new SenderNames();
  private boolean receivesMany;

  private final SendWays ways;

  /// Made when they are first needed; more than one only where threads meet.
  private final AtomicReferenceArray<@Nullable NativeSender> senders =
      new AtomicReferenceArray<>(SENDERS);

  private final AtomicInteger turn = new AtomicInteger();

  private NativeWire(UdpDescriptor socket, UdpAbilities most) {
    this.socket = socket;
    this.joins = most.joins() && socket.joinReceived();
    this.receivesMany = most.many();
    this.reading = new DescriptorIo(socket.descriptor());
    this.ways = new SendWays(most.many(), most.cuts() && socket.segments());
    for (int i = 0; i < SLOTS; i++) {
      incoming.data(i, slots, (long) i * SLOT_BYTES, SLOT_BYTES);
    }
  }

  /// @param most what is asked of the system: tests ask for less
  static NativeWire bind(InetSocketAddress address, int buffers, UdpAbilities most)
      throws IOException {
    return new NativeWire(UdpDescriptor.bind(address, buffers), most);
  }

  @Override
  public InetSocketAddress address() {
    return socket.address();
  }

  @Override
  public void receive(Sink sink) throws IOException {
    int got = receiveSome();
    while (got < 0) {
      if (got == -Errno.EAGAIN || got == -Errno.EINTR) {
        reading.awaitReadable(-1);
      } else if (receivesMany && (got == -Errno.ENOSYS || got == -Errno.EPERM)) {
        receivesMany = false;
        log.info("UDP port {}: the kernel refuses recvmmsg", address().getPort());
      } else {
        throw Errno.error("receiving at UDP port " + address().getPort(), -got);
      }
      got = receiveSome();
    }
    for (int i = 0; i < got; i++) {
      handOver(i, sink);
    }
    sink.batchEnded();
  }

  /// @return how many messages, or an error below zero
  private int receiveSome() throws IOException {
    int most = receivesMany ? SLOTS : 1;
    for (int i = 0; i < most; i++) {
      incoming.expect(i);
    }
    if (receivesMany) {
      return reading.receiveMany(incoming, most);
    }
    long got = reading.receive(incoming, 0);
    return got < 0 ? (int) got : 1;
  }

  /// Each datagram of a message by itself.
  private void handOver(int i, Sink sink) {
    InetSocketAddress from = names.of(incoming.names(), incoming.nameAt(i), incoming.nameLength(i));
    if (from == null || incoming.truncated(i)) {
      return;
    }
    int start = i * SLOT_BYTES;
    int end = start + incoming.length(i);
    int size = incoming.joined(i);
    if (size <= 0) {
      size = Math.max(1, end - start);
    }
    int at = start;
    do {
      view.limit(Math.min(end, at + size)).position(at);
      sink.received(view, from);
      at += size;
    } while (at < end);
  }

  @Override
  public void send(ByteBuffer packet, InetSocketAddress to) throws IOException {
    NativeSender sender = sender();
    try {
      sender.send(packet, to);
    } finally {
      sender.lock().unlock();
    }
  }

  @Override
  public int send(MemorySegment memory, long offset, long length, int size, InetSocketAddress to)
      throws IOException {
    NativeSender sender = sender();
    try {
      return sender.send(memory, offset, length, size, to);
    } finally {
      sender.lock().unlock();
    }
  }

  /// A sender whose lock this thread holds: one that is free, or the next in turn.
  private NativeSender sender() {
    for (int i = 0; i < SENDERS; i++) {
      NativeSender sender = sender(i);
      if (sender.lock().tryLock()) {
        return sender;
      }
    }
    NativeSender sender = sender((turn.getAndIncrement() & Integer.MAX_VALUE) % SENDERS);
    sender.lock().lock();
    return sender;
  }

  private NativeSender sender(int i) {
    NativeSender there = senders.get(i);
    if (there != null) {
      return there;
    }
    NativeSender made = new NativeSender(socket, ways);
    NativeSender before = senders.compareAndExchange(i, null, made);
    return before == null ? made : before;
  }

  @Override
  public MemorySegment memory() {
    return slots;
  }

  @Override
  public UdpAbilities abilities() {
    return new UdpAbilities(true, ways.many(), ways.cuts(), joins);
  }

  @Override
  public boolean isOpen() {
    return socket.descriptor().isOpen();
  }

  @Override
  public void close() {
    socket.descriptor().close();
  }
}
