package io.atoll.p2p.swarm;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// How often something was refused, by cause. Causes are of this program's making, so they are few.
public final class Refusals {
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  public void count(String cause) {
    counts.computeIfAbsent(cause, _ -> new LongAdder()).increment();
  }

  /// Causes such as `gater-accept` or `peer-streams-in`, with how often so far.
  public Map<String, Long> counts() {
    Map<String, Long> now = new TreeMap<>();
    counts.forEach((cause, count) -> now.put(cause, count.sum()));
    return now;
  }
}
