package io.atoll.vpn.gateway.tcp;

import io.atoll.vpn.gateway.tcp.TcpAction.Place;
import org.jspecify.annotations.Nullable;

/// What comes in: what is there, what is missing, the window, and when to acknowledge.
final class Receiver {
  private static final int PIECES = 256;
  private static final long DELAY = 40_000_000;

  /// After an acknowledgment that has waited in vain, so many wait for a moment only: the other end
  /// may have but one segment on its way, and nothing else to do than to wait for this.
  private static final int IMPATIENT = 16;

  private static final long MOMENT = 1_000_000;

  private final Ranges early = new Ranges(PIECES);
  private final int scale;
  private int first;
  private long nxt;
  private long edge; // the window never moves back from here
  private long consumed;
  private int capacity;
  private int mss = 536;
  private boolean scaled;
  private long finAt = -1;

  private long unacknowledged;
  private boolean due;
  private long delayedUntil = Long.MAX_VALUE;
  private int impatient;

  Receiver(TcpSettings settings) {
    this.capacity = settings.capacity();
    this.scale = settings.scale();
  }

  /// The other end's SYN came.
  void begin(int sequence, boolean withScale, int peerMss) {
    first = sequence;
    nxt = 1;
    scaled = withScale;
    mss = Math.max(1, peerMss);
    edge = 1 + offered();
  }

  private long offered() {
    return Math.min(capacity, scaled ? 0xffffL << scale : 0xffff);
  }

  long nxt() {
    return nxt;
  }

  /// The number on the wire for what is expected.
  int acknowledgment() {
    return first + (int) nxt;
  }

  /// The position that a number on the wire means, near to what is expected.
  long position(int sequence) {
    return nxt + (sequence - acknowledgment());
  }

  boolean ended() {
    return finAt >= 0 && nxt > finAt;
  }

  /// How many bytes are there in order.
  long readable() {
    return nxt - 1 - (ended() ? 1 : 0);
  }

  boolean allRead() {
    return readable() <= consumed && early.count() == 0;
  }

  /// Whether a segment lies in the window (RFC 9293 §3.10.7.4).
  boolean acceptable(long position, int span) {
    long room = edge - nxt;
    if (span == 0) {
      return room == 0 ? position == nxt : position >= nxt && position < nxt + room;
    }
    return room > 0 && position < edge && position + span > nxt;
  }

  void consumed(long total) {
    consumed = Math.max(consumed, total);
    freed();
  }

  void grown(int newCapacity) {
    capacity = Math.max(capacity, newCapacity);
    freed();
  }

  /// Tells of room once it is worth a segment (RFC 9293 §3.8.6.2.2): when the window becomes twice
  /// what the other end knows. It may wait for more than is left, and nothing else would tell it.
  private void freed() {
    if (nxt > 0 && wanted() > edge && wanted() - nxt >= 2 * (edge - nxt)) {
      due = true;
    }
  }

  /// Where the window may end: not moved for less than two segments, or half of all there is.
  private long wanted() {
    long most = nxt + Math.min(offered(), capacity - (readable() - consumed));
    long step = Math.min(2L * mss, capacity / 2);
    return most - edge >= step || (edge == nxt && most - edge >= Math.min(mss, step)) ? most : edge;
  }

  /// The window to say now, as on the wire; what is said is kept to.
  int window(boolean syn) {
    edge = Math.max(edge, wanted());
    long room = Math.max(0, edge - nxt);
    if (syn || !scaled) {
      return (int) Math.min(0xffff, room);
    }
    // Rounded up, it might promise what there is not: what was promised is what counts.
    return (int) Math.min(0xffff, room >> scale);
  }

  int scale() {
    return scale;
  }

  /// Bytes came, perhaps some of them twice.
  ///
  /// @return what of them is to be put into the ring; null if they are old, or there is no room to
  ///     remember where they are
  @Nullable Place take(long now, long position, int length) {
    long begin = Math.max(position, nxt);
    long end = Math.min(position + length, edge);
    if (finAt >= 0) {
      end = Math.min(end, finAt);
    }
    if (begin >= end) {
      due |= length > 0;
      return null;
    }
    if (begin > nxt) {
      due = true;
      if (!early.add(begin, end)) {
        return null;
      }
    } else {
      boolean filled = early.count() > 0;
      nxt = early.gapAt(end);
      early.dropBelow(nxt);
      unacknowledged += nxt - begin;
      if (filled || unacknowledged >= 2L * mss) {
        due = true;
        impatient = Math.max(0, impatient - 1);
      } else if (delayedUntil == Long.MAX_VALUE) {
        delayedUntil = now + (impatient > 0 ? MOMENT : DELAY);
      }
    }
    return new Place(begin - 1, (int) (begin - position), (int) (end - begin));
  }

  /// The last byte that will come is before this position.
  void end(long position) {
    if (finAt < 0 && position >= nxt) {
      finAt = position;
    }
  }

  /// @return whether the end is reached now
  boolean reachEnd() {
    if (finAt >= 0 && nxt == finAt) {
      nxt++;
      due = true;
      return true;
    }
    return false;
  }

  void acknowledgeNow() {
    due = true;
  }

  void tick(long now) {
    if (now >= delayedUntil) {
      due = true;
      impatient = IMPATIENT;
    }
  }

  boolean due() {
    return due;
  }

  long deadline() {
    return delayedUntil;
  }

  /// A segment with an acknowledgment goes out.
  void told() {
    due = false;
    unacknowledged = 0;
    delayedUntil = Long.MAX_VALUE;
  }

  /// What is there out of order, as pairs of numbers on the wire, the newest first (RFC 2018 §4).
  int[] sack(int most) {
    int pieces = Math.min(most, early.count());
    int[] pairs = new int[2 * pieces];
    int newest = early.latest();
    for (int i = 0; i < pieces; i++) {
      int index = Math.floorMod(newest - i, early.count());
      pairs[2 * i] = first + (int) early.from(index);
      pairs[2 * i + 1] = first + (int) early.to(index);
    }
    return pairs;
  }
}
