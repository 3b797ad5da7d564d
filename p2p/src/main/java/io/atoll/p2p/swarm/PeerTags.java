package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import java.util.HashMap;
import java.util.Map;

/// What connections are worth to the parts of this program that use them. Whoever tags a peer takes
/// the tag away again.
public final class PeerTags {
  private record Worth(Map<String, Integer> values, Map<String, Boolean> protections) {
    boolean nothing() {
      return values.isEmpty() && protections.isEmpty();
    }
  }

  // Under the lock of this object.
  private final Map<PeerId, Worth> tags = new HashMap<>();

  /// Connections to the peer are never trimmed while anybody protects it.
  public synchronized void protect(PeerId peer, String tag) {
    of(peer).protections.put(tag, true);
  }

  public synchronized void unprotect(PeerId peer, String tag) {
    of(peer).protections.remove(tag);
    forgetIfNothing(peer);
  }

  /// Of two peers the one whose values add up to less is trimmed first.
  public synchronized void value(PeerId peer, String tag, int value) {
    if (value == 0) {
      of(peer).values.remove(tag);
      forgetIfNothing(peer);
    } else {
      of(peer).values.put(tag, value);
    }
  }

  synchronized boolean isProtected(PeerId peer) {
    Worth worth = tags.get(peer);
    return worth != null && !worth.protections.isEmpty();
  }

  synchronized int value(PeerId peer) {
    Worth worth = tags.get(peer);
    return worth == null ? 0 : worth.values.values().stream().mapToInt(v -> v).sum();
  }

  private Worth of(PeerId peer) {
    return tags.computeIfAbsent(peer, _ -> new Worth(new HashMap<>(), new HashMap<>()));
  }

  private void forgetIfNothing(PeerId peer) {
    if (of(peer).nothing()) {
      tags.remove(peer);
    }
  }
}
