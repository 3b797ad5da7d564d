package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is done once a heartbeat: bad peers leave the meshes, which grow or shrink to their size;
/// everybody else hears what messages there are; broken promises count; old things are forgotten.
final class Heartbeat {
  private final GossipConfig config;
  private final Overlay overlay;
  private final MessageCache cache;
  private final Seen seen;
  private final Map<String, GossipMachine.Fanout> fanout;
  private long beats;

  Heartbeat(
      Overlay overlay, MessageCache cache, Seen seen, Map<String, GossipMachine.Fanout> fanout) {
    this.config = overlay.config;
    this.overlay = overlay;
    this.cache = cache;
    this.seen = seen;
    this.fanout = fanout;
  }

  void beat(long nanos) {
    beats++;
    for (Peer peer : overlay.peers.values()) {
      peer.ihaves = 0;
      peer.asked = 0;
      peer.served = 0;
      peer.declined = 0;
      peer.dontWant.replaceAll((_, left) -> left - 1);
      peer.dontWant.values().removeIf(left -> left <= 0);
      int broken = peer.promises.size();
      peer.promises.values().removeIf(until -> until - nanos <= 0);
      broken -= peer.promises.size();
      if (broken > 0) {
        overlay.scores.misbehaved(peer.id, broken);
      }
    }
    overlay.scores.decay(nanos);
    overlay.expireBackoffs(nanos);
    for (String topic : List.copyOf(overlay.mesh.keySet())) {
      tend(topic, nanos);
      gossip(topic, overlay.mesh.getOrDefault(topic, Set.of()), nanos);
    }
    fanout.values().removeIf(fan -> nanos - fan.lastPublished > config.fanoutTime().toNanos());
    fanout.forEach(
        (topic, fan) -> {
          fill(topic, fan, nanos);
          gossip(topic, fan.peers, nanos);
        });
    cache.shift();
    seen.expire(nanos);
  }

  void graftUpTo(String topic, int size, long nanos) {
    int missing = size - overlay.mesh.getOrDefault(topic, Set.of()).size();
    if (missing > 0) {
      for (Peer peer :
          overlay.some(topic, missing, peer -> overlay.candidate(peer, topic, nanos))) {
        overlay.graft(peer, topic, nanos);
      }
    }
  }

  void fill(String topic, GossipMachine.Fanout fan, long nanos) {
    double least = config.score().publish();
    fan.peers.removeIf(
        id -> {
          Peer peer = overlay.peers.get(id);
          return peer == null || overlay.score(peer, nanos) < least;
        });
    for (Peer peer :
        overlay.some(
            topic,
            config.d() - fan.peers.size(),
            peer -> !fan.peers.contains(peer.id) && overlay.score(peer, nanos) >= least)) {
      fan.peers.add(peer.id);
    }
  }

  private void tend(String topic, long nanos) {
    Set<PeerId> members = overlay.mesh.getOrDefault(topic, Set.of());
    for (Peer peer : of(members)) {
      if (overlay.score(peer, nanos) < 0) {
        overlay.prune(peer, topic, config.pruneBackoff(), nanos);
      }
    }
    if (members.size() < config.dLow()) {
      graftUpTo(topic, config.d(), nanos);
    }
    if (members.size() > config.dHigh()) {
      shrink(topic, members, nanos);
    }
    if (members.size() >= config.dLow()) {
      int outbound = outbound(of(members));
      if (outbound < config.dOut()) {
        for (Peer peer :
            overlay.some(
                topic,
                config.dOut() - outbound,
                peer -> peer.outbound && overlay.candidate(peer, topic, nanos))) {
          overlay.graft(peer, topic, nanos);
        }
      }
    }
    if (beats % config.opportunisticTicks() == 0 && members.size() > 1) {
      improve(topic, members, nanos);
    }
  }

  /// Keeps the best, enough that this node dialled itself, and of the others whom chance keeps.
  private void shrink(String topic, Set<PeerId> members, long nanos) {
    List<Peer> all = of(members);
    Collections.shuffle(all, overlay.random);
    all.sort(Comparator.comparingDouble((Peer peer) -> -overlay.score(peer, nanos)));
    List<Peer> rest = new ArrayList<>(all.subList(config.dScore(), all.size()));
    Collections.shuffle(rest, overlay.random);
    Set<Peer> kept = new LinkedHashSet<>(all.subList(0, config.dScore()));
    for (Peer peer : rest) {
      if (peer.outbound && outbound(kept) < config.dOut() && kept.size() < config.d()) {
        kept.add(peer);
      }
    }
    for (Peer peer : rest) {
      if (kept.size() < config.d()) {
        kept.add(peer);
      }
    }
    for (Peer peer : all) {
      if (!kept.contains(peer)) {
        overlay.prune(peer, topic, config.pruneBackoff(), nanos);
      }
    }
  }

  /// A mesh whose middle is bad takes in peers that are better.
  private void improve(String topic, Set<PeerId> members, long nanos) {
    double[] scores =
        of(members).stream().mapToDouble(p -> overlay.score(p, nanos)).sorted().toArray();
    double median = scores.length == 0 ? 0 : scores[scores.length / 2];
    if (median >= config.score().opportunistic()) {
      return;
    }
    for (Peer peer :
        overlay.some(
            topic,
            config.opportunisticPeers(),
            peer -> overlay.candidate(peer, topic, nanos) && overlay.score(peer, nanos) > median)) {
      overlay.graft(peer, topic, nanos);
    }
  }

  /// Tells some of those outside the mesh what there is.
  private void gossip(String topic, Set<PeerId> mesh, long nanos) {
    List<MessageId> ids = cache.recent(topic);
    if (ids.isEmpty()) {
      return;
    }
    List<Peer> others =
        overlay.some(
            topic,
            Integer.MAX_VALUE,
            peer ->
                peer.version.meshes()
                    && !mesh.contains(peer.id)
                    && overlay.score(peer, nanos) >= config.score().gossip());
    int count = Math.max(config.dLazy(), (int) (config.gossipFactor() * others.size()));
    for (Peer peer : others.subList(0, Math.min(count, others.size()))) {
      List<MessageId> told = new ArrayList<>(ids);
      // Where there are too many, each peer hears of others.
      Collections.shuffle(told, overlay.random);
      peer.ihave(topic, told.subList(0, Math.min(told.size(), config.maxIHaveIds())));
    }
  }

  private List<Peer> of(Set<PeerId> members) {
    List<Peer> peers = new ArrayList<>();
    for (PeerId id : members) {
      Peer peer = overlay.peers.get(id);
      if (peer != null) {
        peers.add(peer);
      }
    }
    return peers;
  }

  private static int outbound(Iterable<Peer> peers) {
    int count = 0;
    for (Peer peer : peers) {
      count += peer.outbound ? 1 : 0;
    }
    return count;
  }
}
