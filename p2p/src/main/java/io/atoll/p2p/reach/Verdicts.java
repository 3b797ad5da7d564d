package io.atoll.p2p.reach;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What others found about the addresses of this node, and what to believe of it. Pure; not safe
/// for threads by itself.
final class Verdicts {
  private static final int MAX_ADDRESSES = 64;
  private static final int MAX_PEERS = 16;

  private final int agreeing;

  /// By address; the last word of each peer, oldest first.
  private final Map<Multiaddr, LinkedHashMap<PeerId, Boolean>> words = new LinkedHashMap<>();

  Verdicts(int agreeing) {
    this.agreeing = agreeing;
  }

  void add(PeerId peer, Multiaddr address, boolean reachable) {
    Map<PeerId, Boolean> said =
        words.computeIfAbsent(address.withoutPeer(), _ -> new LinkedHashMap<>());
    said.remove(peer);
    said.put(peer, reachable);
    shrink(said, MAX_PEERS);
    shrink(words, MAX_ADDRESSES);
  }

  /// What enough peers agree on, if their opponents are fewer; empty while it is open.
  Optional<Boolean> of(Multiaddr address) {
    Map<PeerId, Boolean> said = words.getOrDefault(address.withoutPeer(), new LinkedHashMap<>());
    long yes = said.values().stream().filter(reachable -> reachable).count();
    long no = said.size() - yes;
    if (Math.max(yes, no) < agreeing || yes == no) {
      return Optional.empty();
    }
    return Optional.of(yes > no);
  }

  boolean heard(PeerId peer, Multiaddr address) {
    return words.getOrDefault(address.withoutPeer(), new LinkedHashMap<>()).containsKey(peer);
  }

  List<Multiaddr> reachable() {
    return words.keySet().stream().filter(address -> of(address).orElse(false)).toList();
  }

  Reachability overall() {
    if (!reachable().isEmpty()) {
      return Reachability.PUBLIC;
    }
    boolean decided = words.keySet().stream().anyMatch(address -> of(address).isPresent());
    return decided ? Reachability.PRIVATE : Reachability.UNKNOWN;
  }

  private static void shrink(Map<?, ?> map, int most) {
    if (map.size() > most) {
      var oldest = map.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }
}
