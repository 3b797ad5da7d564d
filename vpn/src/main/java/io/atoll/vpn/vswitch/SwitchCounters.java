package io.atoll.vpn.vswitch;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/// What went through a member's port, in entries as its port has them, and what went nowhere.
/// Any thread counts, any reads.
@SuppressWarnings("EnumOrdinal") // an index into an array of this class alone
public final class SwitchCounters {
  /// Why a packet went nowhere.
  public enum Lost {
    /// It does not hold what it says it is.
    MALFORMED,

    /// From an address, or a card, that is not the sender's.
    FORGED,

    /// Nobody has the address, or who has it is not there.
    NOBODY,

    /// It leads out of the network, which nobody allowed.
    OUTSIDE,

    /// Longer than the network's packets.
    TOO_LONG,

    /// A rule lets it out, but this node does not.
    NO_EXIT,

    /// A question to the switch that it does not answer, and what never leaves a link.
    UNANSWERED,

    /// More questions to the switch, or packets for everybody, than one member may send.
    FLOOD,

    /// The receiver's port had no room, or is closed.
    FULL
  }

  /// @param lost how many of each kind; kinds that did not happen are left out
  public record Counts(
      long sent, long sentBytes, long received, long receivedBytes, Map<Lost, Long> lost) {}

  private static final int SENT = 0;
  private static final int SENT_BYTES = 1;
  private static final int RECEIVED = 2;
  private static final int RECEIVED_BYTES = 3;
  private static final int LOST = 4;

  private final AtomicLongArray counts = new AtomicLongArray(LOST + Lost.values().length);

  /// The member has sent something.
  void sent(int bytes) {
    counts.incrementAndGet(SENT);
    counts.addAndGet(SENT_BYTES, bytes);
  }

  /// Something was handed to the member.
  void received(int bytes) {
    counts.incrementAndGet(RECEIVED);
    counts.addAndGet(RECEIVED_BYTES, bytes);
  }

  void lost(Lost why) {
    counts.incrementAndGet(LOST + why.ordinal());
  }

  long of(Lost why) {
    return counts.get(LOST + why.ordinal());
  }

  /// What another has counted, which counts no longer.
  void add(SwitchCounters gone) {
    for (int i = 0; i < counts.length(); i++) {
      counts.addAndGet(i, gone.counts.get(i));
    }
  }

  public Counts counts() {
    Map<Lost, Long> lost = new EnumMap<>(Lost.class);
    for (Lost why : Lost.values()) {
      long count = counts.get(LOST + why.ordinal());
      if (count > 0) {
        lost.put(why, count);
      }
    }
    return new Counts(
        counts.get(SENT),
        counts.get(SENT_BYTES),
        counts.get(RECEIVED),
        counts.get(RECEIVED_BYTES),
        lost);
  }
}
