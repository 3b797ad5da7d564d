package io.atoll.vpn.node;

import io.atoll.vpn.path.PathEvent;
import io.atoll.vpn.path.Probe;
import io.atoll.vpn.wireguard.Path;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What waits for the thread of all paths: what has happened, and probes as they came. Whoever
/// brings something makes no object for it, as that may be a thread that carries packets; what has
/// no room is dropped. All of it is under the lock of this object.
final class PathInbox {
  private static final int MOST_EVENTS = 2048;
  private static final int MOST_PROBES = 128;

  private final @Nullable NodePath[] nodes = new NodePath[MOST_EVENTS];
  private final @Nullable PathEvent[] events = new PathEvent[MOST_EVENTS];
  private int firstEvent;
  private int eventCount;

  private final @Nullable Path[] froms = new Path[MOST_PROBES];
  private final long[] cameAt = new long[MOST_PROBES];
  private final byte[] probes = new byte[MOST_PROBES * Probe.BYTES];
  private int firstProbe;
  private int probeCount;

  /// One thing that was taken: either an event of a node, or a probe and how it came.
  static final class Taken {
    @Nullable NodePath node;
    @Nullable PathEvent event;
    @Nullable Path from;
    long cameAt;
    final ByteBuffer probe = ByteBuffer.allocate(Probe.BYTES);
  }

  /// @return false if it was dropped
  synchronized boolean happened(NodePath node, PathEvent event) {
    if (eventCount == MOST_EVENTS) {
      return false;
    }
    int place = (firstEvent + eventCount++) % MOST_EVENTS;
    nodes[place] = node;
    events[place] = event;
    notifyAll();
    return true;
  }

  /// @param packet which is copied; its position stays
  /// @return false if it was dropped
  synchronized boolean came(ByteBuffer packet, Path from, long now) {
    if (probeCount == MOST_PROBES || packet.remaining() != Probe.BYTES) {
      return false;
    }
    int place = (firstProbe + probeCount++) % MOST_PROBES;
    froms[place] = from;
    cameAt[place] = now;
    packet.get(packet.position(), probes, place * Probe.BYTES, Probe.BYTES);
    notifyAll();
    return true;
  }

  /// Waits until there is something, or the time is over.
  synchronized void await(long nanos) throws InterruptedException {
    long begun = System.nanoTime();
    long left = nanos;
    while (left > 0 && eventCount == 0 && probeCount == 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = nanos - (System.nanoTime() - begun);
    }
  }

  /// @return false if nothing has happened
  synchronized boolean takeEvent(Taken into) {
    if (eventCount == 0) {
      return false;
    }
    into.node = nodes[firstEvent];
    into.event = events[firstEvent];
    nodes[firstEvent] = null;
    events[firstEvent] = null;
    firstEvent = (firstEvent + 1) % MOST_EVENTS;
    eventCount--;
    return true;
  }

  /// @return false if none has come
  synchronized boolean takeProbe(Taken into) {
    if (probeCount == 0) {
      return false;
    }
    into.from = froms[firstProbe];
    into.cameAt = cameAt[firstProbe];
    into.probe.clear().put(0, probes, firstProbe * Probe.BYTES, Probe.BYTES);
    froms[firstProbe] = null;
    firstProbe = (firstProbe + 1) % MOST_PROBES;
    probeCount--;
    return true;
  }
}
