package io.atoll.vpn.device;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.vswitch.Uplink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.ReentrantLock;

/// A device's port of the switch: what is for the device is sealed and sent, what was opened from
/// it waits here for the port's thread. What finds no room is dropped and counted.
public final class DevicePort implements PacketPort {
  private static final int MOST_BYTES = 1 << 18;
  private static final int MOST_PACKETS = 1024;

  private final int mtu;
  private final PeerId here;
  private final Uplink uplink;
  private final ReentrantLock sending = new ReentrantLock();

  // The rest under the lock of this object. Packets one behind the other, as they came.
  private final MemorySegment waiting = Arena.ofAuto().allocate(MOST_BYTES, 64);
  private final int[] lengths = new int[MOST_PACKETS];
  private int first;
  private int count;
  private int from;
  private int used;
  private long dropped;
  private boolean closed;

  /// @param uplink seals for this device alone, whatever node it is told
  /// @param here this node
  public DevicePort(int mtu, PeerId here, Uplink uplink) {
    this.mtu = mtu;
    this.here = here;
    this.uplink = uplink;
  }

  @Override
  public Link link() {
    return Link.IP;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  /// A packet was opened that the device sent; it is copied. Never waits.
  public synchronized void arrived(MemorySegment memory, long at, int bytes) {
    if (count == 0) {
      first = 0;
      from = 0;
      used = 0;
    }
    if (closed || first + count == MOST_PACKETS || used + bytes > MOST_BYTES) {
      dropped++;
      return;
    }
    MemorySegment.copy(memory, JAVA_BYTE, at, waiting, JAVA_BYTE, used, bytes);
    lengths[first + count++] = bytes;
    used += bytes;
    notifyAll();
  }

  /// Packets that came faster than the switch took them.
  public synchronized long dropped() {
    return dropped;
  }

  @Override
  public synchronized int receive(PacketBatch into) throws ClosedChannelException {
    into.clear();
    awaitPacket();
    if (closed) {
      throw new ClosedChannelException();
    }
    while (count > 0) {
      int bytes = lengths[first];
      int at = into.place(bytes);
      if (at < 0) {
        break;
      }
      MemorySegment.copy(waiting, JAVA_BYTE, from, into.memory(), JAVA_BYTE, at, bytes);
      into.add(at, bytes);
      from += bytes;
      first++;
      count--;
    }
    return into.count();
  }

  /// By the monitor: a condition of a lock would make an object each time.
  private synchronized void awaitPacket() {
    boolean interrupted = false;
    while (count == 0 && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public int send(PacketBatch batch) throws ClosedChannelException {
    sending.lock();
    try {
      if (isClosed()) {
        throw new ClosedChannelException();
      }
      for (int i = 0; i < batch.count(); i++) {
        uplink.send(batch, i, 0, here);
      }
      uplink.flush();
      return batch.count();
    } finally {
      sending.unlock();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
