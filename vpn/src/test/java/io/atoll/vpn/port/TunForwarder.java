package io.atoll.vpn.port;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.Set;

/// Carries what comes in at one port to another: whole, or cut into packets and joined again, as
/// the way through a tunnel does, but for the tunnel.
final class TunForwarder implements Runnable {
  /// What happens on the way.
  enum Way {
    WHOLE,
    CUT,
    CUT_AND_JOINED
  }

  private final TunPort from;
  private final TunPort to;
  private final Way way;
  private final PacketBatch in = PacketBatch.usual();
  private final PacketBatch out = PacketBatch.usual();
  private final Splitter splitter = new Splitter(Link.IP);
  private final Coalescer coalescer = new Coalescer(out);

  /// How many packets were cut out, how many entries were sent.
  volatile long packets;

  volatile long entries;
  volatile long longest;

  TunForwarder(TunPort from, TunPort to, Way way) {
    this.from = from;
    this.to = to;
    this.way = way;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
  public void run() {
    try {
      while (true) {
        from.receive(in);
        if (way == Way.WHOLE) {
          packets += in.count();
          entries += in.count();
          to.send(in);
        } else {
          forward();
        }
      }
    } catch (ClosedChannelException closed) {
      // The test is over.
    } catch (IOException e) {
      e.printStackTrace();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
  private void forward() throws IOException {
    coalescer.join(way == Way.CUT ? Set.of() : to.offloads());
    out.clear();
    for (int i = 0; i < in.count(); i++) {
      if (!splitter.begin(in, i)) {
        continue;
      }
      while (splitter.next()) {
        int length = splitter.length();
        longest = Math.max(longest, length);
        int at = coalescer.place(length);
        if (at < 0) {
          send();
          at = coalescer.place(length);
        }
        MemorySegment.copy(splitter.memory(), splitter.offset(), out.memory(), at, length);
        coalescer.placed(length);
        packets++;
      }
    }
    send();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
  private void send() throws IOException {
    coalescer.finish();
    entries += out.count();
    to.send(out);
    out.clear();
  }
}
