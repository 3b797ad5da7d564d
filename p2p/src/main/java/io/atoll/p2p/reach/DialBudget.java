package io.atoll.p2p.reach;

import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// How often a server dials for others. Pure: who asks says what time it is. Not safe for threads.
final class DialBudget {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private record Dial(PeerId peer, long nanos) {}

  private final int perMinute;
  private final int perMinuteForPeer;
  private final ArrayDeque<Dial> dials = new ArrayDeque<>();
  private final Map<PeerId, Integer> counts = new HashMap<>();
  private final Set<PeerId> running = new HashSet<>();

  DialBudget(int perMinute, int perMinuteForPeer) {
    this.perMinute = perMinute;
    this.perMinuteForPeer = perMinuteForPeer;
  }

  /// Begins a dial for a peer, one at a time, which [#end] ends; false if there were too many.
  boolean begin(PeerId peer, long nowNanos) {
    while (!dials.isEmpty() && nowNanos - dials.getFirst().nanos >= MINUTE) {
      counts.computeIfPresent(
          dials.removeFirst().peer, (_, count) -> count == 1 ? null : count - 1);
    }
    if (dials.size() >= perMinute
        || counts.getOrDefault(peer, 0) >= perMinuteForPeer
        || !running.add(peer)) {
      return false;
    }
    dials.add(new Dial(peer, nowNanos));
    counts.merge(peer, 1, Integer::sum);
    return true;
  }

  void end(PeerId peer) {
    running.remove(peer);
  }
}
