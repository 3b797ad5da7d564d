package io.atoll.vpn.vswitch;

import io.atoll.vpn.network.EgressRule;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/// How often each rule decided, for one member or for all of this node. Any thread counts.
final class EgressMeter {
  private final List<EgressRule> rules;
  private final AtomicLongArray counts;

  EgressMeter(List<EgressRule> rules) {
    this.rules = rules;
    this.counts = new AtomicLongArray(2 * rules.size());
  }

  /// A meter of other rules; those that it has too keep their counts.
  EgressMeter changed(List<EgressRule> now) {
    if (now.equals(rules)) {
      return this;
    }
    EgressMeter next = new EgressMeter(now);
    for (int i = 0; i < now.size(); i++) {
      int before = rules.indexOf(now.get(i));
      if (before >= 0 && now.indexOf(now.get(i)) == i) {
        next.counts.set(2 * i, counts.get(2 * before));
        next.counts.set(2 * i + 1, counts.get(2 * before + 1));
      }
    }
    return next;
  }

  void count(int rule, int bytes) {
    if (rule >= 0 && 2 * rule < counts.length()) { // The rules may just have changed.
      counts.incrementAndGet(2 * rule);
      counts.addAndGet(2 * rule + 1, bytes);
    }
  }

  List<EgressCount> counts() {
    List<EgressCount> all = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      all.add(new EgressCount(rules.get(i), counts.get(2 * i), counts.get(2 * i + 1)));
    }
    return all;
  }
}
