package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One of two ports that lie in memory and face each other: what goes into one comes out of the
/// other. For tests and simulations; unlike the real ones it allocates for each packet.
public final class MemoryPort implements PacketPort, Offloading, Counted {
  private static final int MOST_WAITING = 4096;

  /// A packet on its way; without bytes it says that the port is closed.
  private record Frame(byte[] bytes, Segmentation what, int gso, int sumFrom, int sumAt) {
    boolean isEnd() {
      return bytes.length == 0;
    }
  }

  private static final Frame END = new Frame(new byte[0], Segmentation.NONE, 0, 0, 0);

  private final Link link;
  private final int mtu;
  private final Set<Offload> offloads;
  private final BlockingQueue<Frame> mine;
  private final BlockingQueue<Frame> theirs;
  private final PortMeter meter = new PortMeter();
  private final Splitter splitter;
  private final EntryClaims claims;
  private final ReentrantLock sending = new ReentrantLock();
  private volatile boolean closed;

  /// Two ports that face each other.
  public record Pair(MemoryPort one, MemoryPort other) {}

  private MemoryPort(
      Link link,
      int mtu,
      Set<Offload> offloads,
      BlockingQueue<Frame> mine,
      BlockingQueue<Frame> theirs) {
    this.link = link;
    this.mtu = mtu;
    this.offloads = Set.copyOf(offloads);
    this.mine = mine;
    this.theirs = theirs;
    this.splitter = new Splitter(link);
    this.claims = new EntryClaims(link);
  }

  /// @param offloads what goes through whole; the rest is split by who sends
  public static Pair pair(Link link, int mtu, Set<Offload> offloads) {
    BlockingQueue<Frame> left = new LinkedBlockingQueue<>(MOST_WAITING);
    BlockingQueue<Frame> right = new LinkedBlockingQueue<>(MOST_WAITING);
    return new Pair(
        new MemoryPort(link, mtu, offloads, left, right),
        new MemoryPort(link, mtu, offloads, right, left));
  }

  @Override
  public Link link() {
    return link;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public Set<Offload> offloads() {
    return offloads;
  }

  @Override
  public PortCounters counters() {
    return meter.counters();
  }

  @Override
  public int receive(PacketBatch into) throws ClosedChannelException {
    into.clear();
    long bytes = 0;
    @Nullable Frame frame = first();
    while (frame != null) {
      int at = into.place(frame.bytes.length);
      MemorySegment.copy(frame.bytes, 0, into.memory(), JAVA_BYTE, at, frame.bytes.length);
      into.add(at, frame.bytes.length, frame.what, frame.gso, frame.sumFrom, frame.sumAt);
      bytes += frame.bytes.length;
      boolean room = into.place(PacketBatch.LONGEST + link.bytes()) >= 0;
      Frame next = room ? mine.peek() : null;
      frame = next == null || next.isEnd() ? null : mine.poll();
    }
    meter.received(into.count(), bytes);
    return into.count();
  }

  private Frame first() throws ClosedChannelException {
    try {
      Frame frame = closed ? END : mine.take();
      if (frame.isEnd()) {
        var _ = mine.offer(END);
        throw new ClosedChannelException();
      }
      return frame;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  @Override
  public int send(PacketBatch from) throws ClosedChannelException {
    sending.lock();
    try {
      if (closed) {
        throw new ClosedChannelException();
      }
      int taken = 0;
      long bytes = 0;
      for (int i = 0; i < from.count(); i++) {
        if (sendOne(from, i)) {
          taken++;
          bytes += from.length(i);
        }
      }
      meter.sent(taken, bytes);
      return taken;
    } finally {
      sending.unlock();
    }
  }

  private boolean sendOne(PacketBatch from, int i) {
    Segmentation what = from.segmentation(i);
    Offload needed = what.offload();
    boolean unsummed = from.checksumStart(i) != 0;
    boolean whole =
        needed != null
            ? offloads.contains(needed)
            : !unsummed || offloads.contains(Offload.CHECKSUM);
    if (whole && (needed != null || unsummed)) {
      return claims.hold(from, i) ? offer(from, i) : malformed();
    }
    if (!splitter.begin(from, i)) {
      return malformed();
    }
    int packets = 0;
    int taken = 0;
    while (splitter.next()) {
      packets++;
      taken += put(bytes(splitter.memory(), splitter.offset(), splitter.length()), null, 0) ? 1 : 0;
    }
    if (packets > 1) {
      meter.split(1);
    }
    return taken > 0 || refused();
  }

  private boolean offer(PacketBatch from, int i) {
    byte[] bytes = bytes(from.memory(), from.offset(i), from.length(i));
    return put(bytes, from, i) || refused();
  }

  private boolean put(byte[] bytes, @Nullable PacketBatch of, int i) {
    return theirs.offer(
        of == null
            ? new Frame(bytes, Segmentation.NONE, 0, 0, 0)
            : new Frame(
                bytes,
                of.segmentation(i),
                of.gsoSize(i),
                of.checksumStart(i),
                of.checksumAt(i) - of.checksumStart(i)));
  }

  private boolean malformed() {
    meter.sentMalformed(1);
    return false;
  }

  private boolean refused() {
    meter.sentRefused(1);
    return false;
  }

  private static byte[] bytes(MemorySegment memory, int offset, int length) {
    byte[] bytes = new byte[length];
    MemorySegment.copy(memory, JAVA_BYTE, offset, bytes, 0, length);
    return bytes;
  }

  @Override
  public void close() {
    closed = true;
    // A full queue has something for whoever waits; it sees that the port is closed at the next.
    var _ = mine.offer(END);
  }
}
