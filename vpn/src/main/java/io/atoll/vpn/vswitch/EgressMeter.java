package io.atoll.vpn.vswitch;

import io.atoll.vpn.network.EgressRule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/// What became of what would leave, and how often each rule decided, for one member or for all of
/// this node. Any thread counts.
final class EgressMeter {
  private static final int PACKETS = 0;
  private static final int BYTES = 1;
  private static final int REFUSED = 2;
  private static final int REFUSED_BYTES = 3;
  private static final int NO_EXIT = 4;

  private final List<EgressRule> rules;
  private final AtomicLongArray counts;

  /// Whatever the rules were; one array for all meters that follow each other.
  private final AtomicLongArray sums;

  EgressMeter(List<EgressRule> rules) {
    this(rules, new AtomicLongArray(NO_EXIT + 1));
  }

  private EgressMeter(List<EgressRule> rules, AtomicLongArray sums) {
    this.rules = rules;
    this.counts = new AtomicLongArray(2 * rules.size());
    this.sums = sums;
  }

  /// A meter of other rules; those that it has too keep their counts, and so do the sums.
  EgressMeter changed(List<EgressRule> now) {
    if (now.equals(rules)) {
      return this;
    }
    EgressMeter next = new EgressMeter(now, sums);
    for (int i = 0; i < now.size(); i++) {
      int before = rules.indexOf(now.get(i));
      if (before >= 0 && now.indexOf(now.get(i)) == i) {
        next.counts.set(2 * i, counts.get(2 * before));
        next.counts.set(2 * i + 1, counts.get(2 * before + 1));
      }
    }
    return next;
  }

  /// @param rule that decided; negative where none did
  /// @param allowed whether it lets the packet out
  /// @param exit whether this node does
  void count(int rule, boolean allowed, boolean exit, int bytes) {
    if (!allowed) {
      sums.incrementAndGet(REFUSED);
      sums.addAndGet(REFUSED_BYTES, bytes);
    } else if (exit) {
      sums.incrementAndGet(PACKETS);
      sums.addAndGet(BYTES, bytes);
    } else {
      sums.incrementAndGet(NO_EXIT);
    }
    if (rule >= 0 && 2 * rule < counts.length()) { // The rules may just have changed.
      counts.incrementAndGet(2 * rule);
      counts.addAndGet(2 * rule + 1, bytes);
    }
  }

  EgressSum sum() {
    return new EgressSum(
        sums.get(PACKETS),
        sums.get(BYTES),
        sums.get(REFUSED),
        sums.get(REFUSED_BYTES),
        sums.get(NO_EXIT));
  }

  List<EgressCount> counts() {
    List<EgressCount> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      all.add(new EgressCount(rules.get(i), counts.get(2 * i), counts.get(2 * i + 1)));
    }
    return all;
  }
}
