package io.atoll.vpn.gateway;

import java.lang.foreign.MemorySegment;

/// Counts what goes out.
class Counting implements PacketOut {
  private final PacketOut out;
  private volatile long sent;

  private Counting(PacketOut out) {
    this.out = out;
  }

  static Counting of(PacketOut out) {
    return out instanceof Cutting cutting ? new AlsoCutting(cutting) : new Counting(out);
  }

  long sent() {
    return sent;
  }

  @Override
  public void send(MemorySegment memory, long offset, int length) {
    count();
    out.send(memory, offset, length);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the stack's thread writes it.
  final void count() {
    sent++;
  }

  @Override
  public void flush() {
    out.flush();
  }

  private static final class AlsoCutting extends Counting implements PacketOut.Cutting {
    private final PacketOut.Cutting cutting;

    AlsoCutting(PacketOut.Cutting cutting) {
      super(cutting);
      this.cutting = cutting;
    }

    @Override
    public void sendToCut(MemorySegment memory, long offset, int length, int each) {
      count();
      cutting.sendToCut(memory, offset, length, each);
    }
  }
}
