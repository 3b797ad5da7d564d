package io.atoll.vpn.node;

import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A port whose other end goes step by step: what it is fed the switch has done with when `feed`
/// returns, so that the threads of switches bring no chance into a simulation.
final class StepPort implements PacketPort {
  private final int mtu;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable List<byte[]> given;
  private boolean waiting;
  private boolean closed;
  private List<byte[]> got = new ArrayList<>();

  StepPort(int mtu) {
    this.mtu = mtu;
  }

  /// Sends packets, and waits until the switch has done with them.
  void feed(List<byte[]> packets) throws InterruptedException {
    lock.lock();
    try {
      awaitReader();
      given = packets;
      changed.signalAll();
      while (given != null && !closed) {
        changed.await();
      }
      awaitReader();
    } finally {
      lock.unlock();
    }
  }

  private void awaitReader() throws InterruptedException {
    while (!waiting && !closed) {
      changed.await();
    }
  }

  /// What came since the last time.
  List<byte[]> got() {
    lock.lock();
    try {
      List<byte[]> all = got;
      got = new ArrayList<>();
      return all;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Link link() {
    return Link.IP;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public int receive(PacketBatch into) throws ClosedChannelException {
    lock.lock();
    try {
      waiting = true;
      changed.signalAll();
      while (given == null && !closed) {
        changed.awaitUninterruptibly();
      }
      List<byte[]> packets = given;
      if (closed || packets == null) {
        throw new ClosedChannelException();
      }
      into.clear();
      for (byte[] packet : packets) {
        int at = into.place(packet.length);
        MemorySegment.copy(packet, 0, into.memory(), ValueLayout.JAVA_BYTE, at, packet.length);
        into.add(at, packet.length);
      }
      waiting = false;
      given = null;
      return into.count();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int send(PacketBatch from) {
    lock.lock();
    try {
      for (int i = 0; i < from.count(); i++) {
        got.add(
            from.memory().asSlice(from.offset(i), from.length(i)).toArray(ValueLayout.JAVA_BYTE));
      }
      return from.count();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
