package io.atoll.p2p.muxer.yamux;

import io.atoll.p2p.muxer.MuxedSession;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Wire;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The streams of one channel. Lock order: this session's lock, then that of the queue; a stream's
/// receiving half has its own and takes none under it.
final class YamuxSession implements MuxedSession {
  /// The specification's limit of streams that the peer has not acknowledged yet.
  private static final int MAX_UNACKNOWLEDGED = 256;

  private static final long OPEN_SECONDS = 15;
  private static final long GOODBYE_MILLIS = 1000;

  private final Wire channel;
  private final Role role;
  private final YamuxConfig config;
  private final SendQueue queue = new SendQueue();
  private final KeepAlive keepAlive = new KeepAlive(this);
  private final Map<Integer, YamuxStream> streams = new ConcurrentHashMap<>();
  private final AtomicLong unread = new AtomicLong();
  private final AtomicLong growth = new AtomicLong();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<YamuxStream> arrived = new ArrayDeque<>();
  private int nextId;
  private int inbound;
  private int outbound;
  private int unacknowledged;
  private boolean peerGoesAway;
  private volatile @Nullable IOException failure;

  YamuxSession(Wire channel, Role role, YamuxConfig config) {
    this.channel = channel;
    this.role = role;
    this.config = config;
    this.nextId = role == Role.INITIATOR ? 1 : 2;
  }

  void start() {
    Thread.ofVirtual().name("yamux-read").start(new FrameReader(this, channel));
    Thread.ofVirtual().name("yamux-write").start(new FrameWriter(this, channel));
    Thread.ofVirtual().name("yamux-alive").start(keepAlive);
  }

  @Override
  public MuxedStream open() throws IOException, InterruptedException {
    long left = TimeUnit.SECONDS.toNanos(OPEN_SECONDS);
    lock.lockInterruptibly();
    try {
      while (failure == null && !peerGoesAway && unacknowledged >= MAX_UNACKNOWLEDGED) {
        if (left <= 0) {
          throw new IOException("the peer acknowledges no new streams");
        }
        left = changed.awaitNanos(left);
      }
      IOException lost = failure;
      if (lost != null) {
        throw SendQueue.lost(lost);
      }
      if (peerGoesAway) {
        throw new IOException("the peer is going away and takes no new streams");
      }
      if (outbound >= config.maxOutbound()) {
        throw new IOException(outbound + " streams to this peer are open, the most there may be");
      }
      if (nextId < 0) {
        throw new IOException("this connection has used up its stream ids");
      }
      YamuxStream stream = new YamuxStream(this, nextId);
      nextId += 2;
      outbound++;
      unacknowledged++;
      streams.put(stream.id(), stream);
      queue.control(Frame.window(stream.id(), Frame.SYN, 0));
      return stream;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public MuxedStream accept() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        IOException lost = failure;
        if (lost != null) {
          throw SendQueue.lost(lost);
        }
        YamuxStream stream = arrived.poll();
        if (stream != null) {
          return stream;
        }
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen() {
    return failure == null;
  }

  @Override
  public int streams() {
    return streams.size();
  }

  @Override
  public void close() {
    if (failure == null) {
      queue.control(Frame.goAway(Frame.NORMAL));
      queue.drain(GOODBYE_MILLIS);
    }
    fail(new IOException("closed by this end"));
  }

  YamuxConfig config() {
    return config;
  }

  SendQueue queue() {
    return queue;
  }

  KeepAlive keepAlive() {
    return keepAlive;
  }

  Map<Integer, YamuxStream> all() {
    return streams;
  }

  @Nullable YamuxStream find(int id) {
    return streams.get(id);
  }

  /// The peer opens a stream.
  void opened(int id) throws ProtocolException {
    boolean odd = (id & 1) == 1;
    if (id == 0 || odd == (role == Role.INITIATOR)) {
      throw new ProtocolException("yamux: the peer opened a stream with an id that is not its own");
    }
    lock.lock();
    try {
      if (failure != null) {
        return;
      }
      if (streams.containsKey(id)) {
        throw new ProtocolException("yamux: the peer opened a stream twice");
      }
      if (inbound >= config.maxInbound()) {
        queue.answer(Frame.window(id, Frame.RST, 0));
        return;
      }
      YamuxStream stream = new YamuxStream(this, id);
      inbound++;
      streams.put(id, stream);
      queue.answer(Frame.window(id, Frame.ACK, 0));
      arrived.add(stream);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void acknowledged(YamuxStream stream) {
    lock.lock();
    try {
      countAcknowledged(stream);
    } finally {
      lock.unlock();
    }
  }

  /// False if it was forgotten before.
  boolean forget(YamuxStream stream) {
    lock.lock();
    try {
      if (!streams.remove(stream.id(), stream)) {
        return false;
      }
      if (own(stream.id())) {
        outbound--;
        countAcknowledged(stream);
      } else {
        inbound--;
        arrived.remove(stream);
      }
    } finally {
      lock.unlock();
    }
    stream.inlet().finished();
    return true;
  }

  private void countAcknowledged(YamuxStream stream) {
    if (own(stream.id()) && !stream.acknowledged) {
      stream.acknowledged = true;
      unacknowledged--;
      changed.signalAll();
    }
  }

  private boolean own(int id) {
    return ((id & 1) == 1) == (role == Role.INITIATOR);
  }

  void peerGoesAway() {
    lock.lock();
    try {
      peerGoesAway = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Ends all; only the first reason counts.
  void fail(IOException reason) {
    lock.lock();
    try {
      if (failure != null) {
        return;
      }
      failure = reason;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    queue.fail(reason);
    keepAlive.stop();
    channel.close();
    IOException lost = SendQueue.lost(reason);
    for (YamuxStream stream : streams.values()) {
      stream.breakOff(lost, false);
    }
    streams.clear();
  }

  /// Counts bytes that wait for a reader. False if there would be too many.
  boolean hold(long bytes) {
    if (unread.addAndGet(bytes) > config.maxUnread()) {
      unread.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void release(long bytes) {
    unread.addAndGet(-bytes);
  }

  boolean grow(int bytes) {
    if (growth.addAndGet(bytes) > config.maxGrowth()) {
      growth.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void shrink(int bytes) {
    growth.addAndGet(-bytes);
  }

  long roundTripNanos() {
    return keepAlive.roundTripNanos();
  }
}
