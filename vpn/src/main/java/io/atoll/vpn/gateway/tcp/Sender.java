package io.atoll.vpn.gateway.tcp;

import org.jspecify.annotations.Nullable;

/// What goes out: what is sent, acknowledged, lost, and when it is sent again.
///
/// Between `una` and `nxt` a position is acknowledged by SACK, or lost (below `lostBelow`, where
/// RFC 6675 or a timeout says so) and then sent again or not yet (from `sentAgainBelow` on), or on
/// its way. Where the peer knows no SACK, each duplicate acknowledgment stands for one segment
/// that arrived, and only the first segment counts as lost (RFC 6582).
final class Sender {
  private static final int PIECES = 128;
  private static final int DUPLICATES = 3;
  private static final int EAGER_SYNCS = 4;

  private enum Mode {
    OPEN,
    /// Some were lost, others arrive.
    RECOVERY,
    /// All were lost.
    SILENCE
  }

  private final RoundTrip roundTrip = new RoundTrip();
  private final Congestion congestion = new Congestion();
  private final Ranges sacked = new Ranges(PIECES);
  private final int burst;
  private final int leastMss;

  private int mss;
  private boolean sack;
  private long una;
  private long nxt;
  private long written;
  private boolean ends;
  private long window;
  private long largestWindow;
  private long windowFrom = -1; // the segment that told the window, and its acknowledgment
  private long windowAck = -1;

  private Mode mode = Mode.OPEN;
  private long recover = -1;
  private long lostBelow;
  private long sentAgainBelow;
  private boolean force;
  private long firstAgainAt = Long.MAX_VALUE; // nxt when the first gap was sent again
  private int duplicates;

  private long timedEnd = -1;
  private long timedAt;
  private long silentSince = -1;
  private long retryAt = Long.MAX_VALUE;
  private long probeAt = Long.MAX_VALUE;
  private boolean override; // the timer says to send what fits, however little
  private boolean probe;
  private boolean sync;
  private int syncs;
  private boolean opening; // the first segment was sent twice
  private long lastSent;

  Sender(TcpSettings settings) {
    this.mss = settings.mss();
    this.leastMss = settings.leastMss();
    this.burst = settings.burst();
    congestion.begin(mss, false);
  }

  /// Both ends have said what they can.
  ///
  /// @param limit what a segment may carry
  void agreed(int limit, boolean withSack) {
    mss = Math.max(1, Math.min(mss, limit));
    sack = withSack;
    congestion.begin(mss, opening);
  }

  long una() {
    return una;
  }

  long nxt() {
    return nxt;
  }

  int mss() {
    return mss;
  }

  long largestWindow() {
    return largestWindow;
  }

  boolean endAcknowledged() {
    return ends && una == written + 2;
  }

  /// How many bytes of the stream have arrived.
  long acknowledgedBytes() {
    return Math.clamp(una - 1, 0, written);
  }

  void written(long total) {
    if (!ends) {
      written = Math.max(written, total);
    }
  }

  void end() {
    ends = true;
  }

  private long behindAll() {
    return 1 + written + (ends ? 1 : 0);
  }

  /// SYN goes out, perhaps again.
  void opening(long now) {
    opening = nxt > 0;
    nxt = 1;
    timedAt = now;
    timedEnd = opening ? -1 : 1;
    retryAt = now + roundTrip.timeout();
  }

  /// What was told by a segment that is acceptable.
  ///
  /// @param from the segment's position, and `ack` the one it acknowledges, not beyond `nxt`
  /// @param told the window, scaled
  /// @param plain whether it carries nothing else
  /// @param echoed how old what it answers is, by its timestamp; -1 unknown
  /// @param pieces what SACK says, as positions in pairs
  void acknowledged(
      long now, long from, long ack, long told, boolean plain, long echoed, long[] pieces) {
    boolean sameWindow = told == window;
    if (windowFrom < from || (windowFrom == from && windowAck <= ack)) {
      window = told;
      windowFrom = from;
      windowAck = ack;
      largestWindow = Math.max(largestWindow, told);
      if (told > 0) {
        probeAt = Long.MAX_VALUE;
      }
      if (ack == una && (told == 0 || una == nxt)) {
        silentSince = -1; // It lives, and has no room.
      }
    }
    boolean news = learn(pieces, ack);
    if (ack > una) {
      advance(now, ack, echoed);
    } else if (ack == una && plain && nxt > una && (sack ? news : sameWindow)) {
      duplicates++;
    }
    detect();
  }

  /// @return whether anything was not known
  private boolean learn(long[] pieces, long ack) {
    if (!sack) {
      return false;
    }
    long before = sacked.total();
    long floor = Math.max(ack, una);
    for (int i = 0; i + 1 < pieces.length; i += 2) {
      long begin = Math.max(pieces[i], floor);
      long end = pieces[i + 1];
      if (begin < end && end <= nxt) {
        var _ = sacked.add(begin, end);
      }
    }
    return sacked.total() > before;
  }

  private void advance(long now, long ack, long echoed) {
    long bytes = ack - una;
    boolean full = pipe() + bytes + 2L * mss >= congestion.window();
    if (timedEnd >= 0 && ack >= timedEnd) {
      roundTrip.sample(now - timedAt);
      timedEnd = -1;
    } else if (timedEnd < 0 && echoed >= 0) {
      roundTrip.sample(echoed);
    }
    roundTrip.progressed();
    una = ack;
    silentSince = -1;
    firstAgainAt = Long.MAX_VALUE;
    duplicates = sack ? 0 : Math.max(0, duplicates - (int) Math.max(1, bytes / mss));
    sacked.dropBelow(una);
    sentAgainBelow = Math.max(sentAgainBelow, una);
    boolean over = mode != Mode.OPEN && una >= recover;
    switch (mode) {
      case OPEN -> grow(bytes, full);
      case SILENCE -> grow(bytes, full);
      case RECOVERY -> {
        if (!over && !sack) {
          // What follows the part that arrived is missing, too.
          lostBelow = Math.min(una + mss, recover);
          sentAgainBelow = una;
          force = true;
        }
      }
    }
    if (over) {
      mode = Mode.OPEN;
      force = false;
      duplicates = 0;
    }
    retryAt = una == nxt ? Long.MAX_VALUE : now + roundTrip.timeout();
  }

  private void grow(long bytes, boolean full) {
    if (full) {
      congestion.acknowledged(bytes, mss);
    }
  }

  /// Looks whether something is lost by now.
  private void detect() {
    if (una == 0 || una == nxt) {
      return;
    }
    long edge;
    if (sack) {
      edge = sacked.edge((DUPLICATES - 1L) * mss, DUPLICATES);
    } else {
      edge = duplicates >= DUPLICATES && una > recover ? una + mss : 0;
    }
    if (mode == Mode.OPEN && edge > una) {
      congestion.lost(nxt - una, mss);
      mode = Mode.RECOVERY;
      recover = nxt;
      sentAgainBelow = una;
      lostBelow = una;
      force = true;
    }
    if (sack && mode != Mode.OPEN) {
      lostBelow = Math.max(lostBelow, edge);
      // What was sent after the first gap was filled has arrived: the filling was lost as well.
      if (firstAgainAt < nxt && sacked.covered(firstAgainAt, nxt) > (DUPLICATES - 1L) * mss) {
        force = true;
        firstAgainAt = Long.MAX_VALUE;
      }
    }
  }

  /// How much is on its way, as far as one can know.
  private long pipe() {
    long pendingFrom = Math.max(sentAgainBelow, una);
    long pending = 0;
    if (mode != Mode.OPEN && lostBelow > pendingFrom) {
      pending = lostBelow - pendingFrom - sacked.covered(pendingFrom, lostBelow);
    }
    long arrived = sack ? sacked.total() : (long) duplicates * mss;
    return Math.max(0, nxt - una - pending - arrived);
  }

  /// What to send now; null if nothing, or it has to wait.
  @Nullable Chunk next(long now) {
    if (una == 0) {
      return null;
    }
    Chunk chunk = mode == Mode.OPEN ? null : lost();
    if (chunk == null) {
      chunk = fresh(now);
    }
    override = false;
    if (chunk != null) {
      lastSent = now;
      probeAt = Long.MAX_VALUE;
      if (retryAt == Long.MAX_VALUE) {
        retryAt = now + roundTrip.timeout();
      }
    } else if (una == nxt && behindAll() > nxt && probeAt == Long.MAX_VALUE) {
      probeAt = now + roundTrip.timeout();
    }
    return chunk;
  }

  private @Nullable Chunk lost() {
    long limit = Math.min(lostBelow, nxt);
    long from = force ? una : sacked.gapAt(Math.max(sentAgainBelow, una));
    long room = congestion.window() - pipe();
    if (force) {
      limit = Math.min(nxt, una + mss);
      room = mss;
    } else if (from >= limit || (room < mss && pipe() > 0)) {
      return null;
    }
    force = false;
    long whole = Math.max(1, Math.min(room, burst) / mss) * mss;
    long end = Math.min(sacked.nextFrom(from, limit), Math.min(limit, from + whole));
    if (end <= from) {
      return null;
    }
    if (from == una) {
      firstAgainAt = nxt;
    }
    sentAgainBelow = Math.max(sentAgainBelow, end);
    timedEnd = -1;
    return chunk(from, end);
  }

  private @Nullable Chunk fresh(long now) {
    long waiting = behindAll() - nxt;
    if (waiting <= 0) {
      return null;
    }
    if (una == nxt && now - lastSent > roundTrip.timeout()) {
      congestion.idle(mss);
    }
    long byWindow = una + window - nxt;
    long byCongestion = congestion.window() - pipe();
    long room = Math.min(Math.min(byWindow, byCongestion), Math.max(1, burst / mss) * (long) mss);
    long length = Math.min(waiting, room);
    if (length < waiting && length % mss != 0) {
      // Not all goes out: whole segments, or at least half of what the peer ever had room for.
      boolean some = override || byWindow >= Math.max(1, largestWindow / 2);
      boolean little = length < mss && byWindow <= byCongestion && some;
      length = length < mss && little ? length : length / mss * mss;
    }
    if (length <= 0) {
      return null;
    }
    long from = nxt;
    nxt += length;
    if (timedEnd < 0 && mode == Mode.OPEN) {
      timedEnd = nxt;
      timedAt = now;
    }
    return chunk(from, nxt);
  }

  private Chunk chunk(long from, long end) {
    long data = Math.min(end, 1 + written);
    return new Chunk(from, (int) Math.max(0, data - from), end > 1 + written);
  }

  long deadline() {
    return Math.min(retryAt, probeAt);
  }

  /// The deadline may have come.
  void tick(long now) {
    if (now >= retryAt) {
      if (silentSince < 0) {
        silentSince = now - roundTrip.timeout();
      }
      if (una > 0) {
        silent();
      } else {
        sync = true;
      }
      // The first few SYNs are small and keep nobody from anything: where many connections begin
      // at once, some lose several of them.
      if (una > 0 || ++syncs > EAGER_SYNCS) {
        roundTrip.backOff();
      }
      retryAt = now + roundTrip.timeout();
    }
    if (now >= probeAt) {
      override = una + window > nxt;
      probe = !override;
      if (silentSince < 0) {
        silentSince = now;
      }
      roundTrip.backOff();
      probeAt = now + roundTrip.timeout();
    }
  }

  private void silent() {
    boolean again = mode == Mode.SILENCE;
    congestion.silent(pipe(), mss, again);
    if (again || sacked.gapAt(una) > una) {
      sacked.clear(); // It may have thrown away what it had (RFC 2018 §8).
    }
    mode = Mode.SILENCE;
    recover = nxt;
    lostBelow = nxt;
    sentAgainBelow = una;
    firstAgainAt = Long.MAX_VALUE;
    duplicates = 0;
    force = true;
    timedEnd = -1;
  }

  /// Whether the peer is to be asked for its window; says so once.
  boolean takeProbe() {
    boolean asked = probe;
    probe = false;
    return asked;
  }

  /// For how long nothing has been acknowledged that should be.
  long silentFor(long now) {
    return silentSince < 0 ? 0 : now - silentSince;
  }

  /// Whether SYN is to be sent again; says so once.
  boolean takeSync() {
    boolean asked = sync;
    sync = false;
    return asked;
  }

  /// What is on its way was too big for it.
  ///
  /// @param segment what a segment may carry, options and bytes
  /// @param options how much of it they take
  void tooBig(int segment, int options) {
    int less = Math.max(leastMss, segment) - options;
    if (less >= mss) {
      return;
    }
    mss = less;
    if (una > 0 && nxt > una) {
      mode = Mode.RECOVERY;
      recover = nxt;
      lostBelow = nxt;
      sentAgainBelow = una;
      force = true;
      timedEnd = -1;
    }
  }
}
