package io.atoll.p2p.transport;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/// The handshakes with strangers that one listener has under way, within its limits.
public final class PendingHandshakes {
  private final HandshakeLimits limits;

  // Under the lock of this object.
  private final Map<InetAddress, Integer> pendingOf = new HashMap<>();
  private int pending;

  public PendingHandshakes(HandshakeLimits limits) {
    this.limits = limits;
  }

  /// Counts one more with an address, unless that is too many; then it is to be hung up on. Who was
  /// let begin is to `end`, once.
  public synchronized boolean begin(InetAddress remote) {
    int ofHost = pendingOf.getOrDefault(remote, 0);
    if (pending >= limits.pending() || ofHost >= limits.pendingPerHost()) {
      return false;
    }
    pending++;
    pendingOf.put(remote, ofHost + 1);
    return true;
  }

  public synchronized void end(InetAddress remote) {
    pending--;
    pendingOf.computeIfPresent(remote, (_, count) -> count == 1 ? null : count - 1);
  }
}
