package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// Who is connected, who is in which mesh, and who may not be grafted for a while. Shared by the
/// parts of one machine.
final class Overlay {
  private static final int MAX_BACKOFFS = 50_000;

  final GossipConfig config;
  final ByteString ownId;
  final Scores scores;
  final RandomGenerator random;
  final Map<PeerId, Peer> peers = new LinkedHashMap<>();

  /// The topics of this node and the peers in the mesh of each.
  final Map<String, Set<PeerId>> mesh = new LinkedHashMap<>();

  final Map<PeerId, ByteString> records = new LinkedHashMap<>();
  private final Map<String, Map<PeerId, Long>> backoffs = new LinkedHashMap<>();
  private int backoffCount;

  Overlay(GossipConfig config, PeerId self, RandomGenerator random) {
    this.config = config;
    this.ownId = ByteString.copyFrom(self.bytes());
    this.random = random;
    this.scores = new Scores(config.score());
  }

  double score(Peer peer, long nanos) {
    return scores.score(peer.id, nanos);
  }

  /// Subscribers of a topic that fit, in random order, at most so many.
  List<Peer> some(String topic, int count, Predicate<Peer> fits) {
    List<Peer> found = new ArrayList<>();
    for (Peer peer : peers.values()) {
      if (peer.topics.contains(topic) && fits.test(peer)) {
        found.add(peer);
      }
    }
    Collections.shuffle(found, random);
    return found.size() > count ? found.subList(0, count) : found;
  }

  /// Whether a peer may come into a mesh: it can, nothing speaks against it, and it is not there.
  boolean candidate(Peer peer, String topic, long nanos) {
    return peer.version.meshes()
        && !mesh.getOrDefault(topic, Set.of()).contains(peer.id)
        && backoff(topic, peer.id) - nanos <= 0
        && score(peer, nanos) >= 0;
  }

  void graft(Peer peer, String topic, long nanos) {
    mesh.computeIfAbsent(topic, _ -> new LinkedHashSet<>()).add(peer.id);
    scores.grafted(peer.id, topic, nanos);
    peer.graft(topic);
  }

  /// Takes a peer out of a mesh and tells it, with others to turn to unless it was bad.
  void prune(Peer peer, String topic, Duration backoff, long nanos) {
    Set<PeerId> members = mesh.get(topic);
    if (members != null) {
      members.remove(peer.id);
    }
    scores.pruned(peer.id, topic);
    addBackoff(topic, peer.id, nanos + backoff.toNanos());
    tellPruned(peer, topic, backoff, nanos);
  }

  void tellPruned(Peer peer, String topic, Duration backoff, long nanos) {
    List<Rpc.Suggestion> others = new ArrayList<>();
    if (score(peer, nanos) >= 0 && peer.version != Version.V1_0) {
      for (Peer other :
          some(
              topic,
              config.prunePeers(),
              candidate -> candidate != peer && score(candidate, nanos) >= 0)) {
        others.add(
            new Rpc.Suggestion(
                ByteString.copyFrom(other.id.bytes()),
                records.getOrDefault(other.id, ByteString.EMPTY)));
      }
    }
    peer.prune(
        new Rpc.Prune(topic, others, peer.version == Version.V1_0 ? 0 : backoff.toSeconds()));
  }

  /// Until when a peer must not be grafted; the past if it may be.
  long backoff(String topic, PeerId peer) {
    return backoffs.getOrDefault(topic, Map.of()).getOrDefault(peer, Long.MIN_VALUE / 2);
  }

  void addBackoff(String topic, PeerId peer, long until) {
    if (backoffCount >= MAX_BACKOFFS) {
      return;
    }
    Long before = backoffs.computeIfAbsent(topic, _ -> new LinkedHashMap<>()).get(peer);
    if (before == null || before - until < 0) {
      backoffs.get(topic).put(peer, until);
      backoffCount += before == null ? 1 : 0;
    }
  }

  void expireBackoffs(long nanos) {
    // A little longer than said, as the other end's clock is another one.
    long slack = config.heartbeat().toNanos();
    backoffs.values().forEach(map -> map.values().removeIf(until -> until + slack - nanos <= 0));
    backoffs.values().removeIf(Map::isEmpty);
    backoffCount = backoffs.values().stream().mapToInt(Map::size).sum();
  }
}
