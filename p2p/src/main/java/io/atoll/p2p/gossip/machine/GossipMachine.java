package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.time.Now;
import io.atoll.p2p.gossip.machine.GossipAction.Check;
import io.atoll.p2p.gossip.machine.GossipAction.Deliver;
import io.atoll.p2p.gossip.machine.GossipAction.Meet;
import io.atoll.p2p.gossip.machine.GossipAction.Send;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/// One node of gossipsub. Owner of all its state; used by one thread at a time.
///
/// ```
/// Received ─▶ new? ─▶ Check … Judged ─▶ Deliver, and Send to the mesh
///               └───▶ IDONTWANT at once, where it is large
/// ```
/// A message counts as seen only once it is judged: somebody who sends a wrong one under the id of
/// a right one does not keep the right one out.
public final class GossipMachine {
  private static final int MAX_CHECKS = 2048;
  private static final int MAX_VARIANTS = 4;
  private static final int MAX_TOPICS_OF_PEER = 256;
  private static final int MAX_PROMISES = 1000;
  private static final int DONT_WANT_BEATS = 3;

  /// A message whose verdict is awaited, and who sent it, the first first.
  private record Pending(GossipMessage message, Set<PeerId> senders) {}

  private final GossipConfig config;
  private final Overlay overlay;
  private final MessageCache cache;
  private final Seen seen;
  private final Heartbeat heartbeat;
  private final Map<String, Fanout> fanout = new LinkedHashMap<>();
  private final Map<Long, Pending> checks = new LinkedHashMap<>();
  private final Map<MessageId, List<Long>> checksOf = new LinkedHashMap<>();
  private List<GossipAction> actions = new ArrayList<>();
  private long nextCheck;
  private long dropped;
  private long delivered;
  private long duplicates;
  private long rejected;

  /// The peers that get what this node publishes in a topic that it is not in.
  static final class Fanout {
    final Set<PeerId> peers = new LinkedHashSet<>();
    long lastPublished;
  }

  public GossipMachine(GossipConfig config, PeerId self, RandomGenerator random) {
    this.config = config;
    this.overlay = new Overlay(config, self, random);
    this.cache = new MessageCache(config.historyLength(), config.historyGossip());
    this.seen = new Seen(config.seenTime().toNanos());
    this.heartbeat = new Heartbeat(overlay, cache, seen, fanout);
  }

  public List<GossipAction> step(Now now, GossipEvent event) {
    actions = new ArrayList<>();
    long nanos = now.nanos();
    switch (event) {
      case GossipEvent.PeerOpened opened -> opened(opened, nanos);
      case GossipEvent.PeerGone gone -> gone(gone.peer(), nanos);
      case GossipEvent.Received received -> received(received, nanos);
      case GossipEvent.Judged judged -> judged(judged, nanos);
      case GossipEvent.Join join -> join(join.topic(), nanos);
      case GossipEvent.Leave leave -> leave(leave.topic(), nanos);
      case GossipEvent.Publish publish -> publish(publish.message(), nanos);
      case GossipEvent.Rate rate -> overlay.scores.judged(rate.peer(), rate.score());
      case GossipEvent.RecordOf known -> {
        if (overlay.peers.containsKey(known.peer())) {
          overlay.records.put(known.peer(), known.record());
        }
      }
      case GossipEvent.Heartbeat _ -> heartbeat.beat(nanos);
    }
    for (Peer peer : overlay.peers.values()) {
      for (Rpc rpc : peer.flush()) {
        actions.add(new Send(peer.id, rpc));
      }
    }
    return actions;
  }

  /// Who is in the mesh of a topic.
  public Set<PeerId> mesh(String topic) {
    return Set.copyOf(overlay.mesh.getOrDefault(topic, Set.of()));
  }

  /// Connected peers that are in a topic.
  public List<PeerId> subscribers(String topic) {
    return overlay.peers.values().stream()
        .filter(peer -> peer.topics.contains(topic))
        .map(peer -> peer.id)
        .toList();
  }

  public double score(Now now, PeerId peer) {
    return overlay.scores.score(peer, now.nanos());
  }

  /// Messages that were not even looked at, as a peer sent too many or too bad ones.
  public long dropped() {
    return dropped;
  }

  /// For whoever counts.
  public GossipStats stats() {
    int members = overlay.mesh.values().stream().mapToInt(Set::size).sum();
    return new GossipStats(
        overlay.peers.size(),
        overlay.mesh.size(),
        members,
        delivered,
        duplicates,
        rejected,
        dropped);
  }

  private void opened(GossipEvent.PeerOpened opened, long nanos) {
    Peer peer = new Peer(config, opened.peer(), opened.version(), opened.outbound(), nanos);
    overlay.peers.put(peer.id, peer);
    overlay.scores.connected(peer.id, opened.address());
    overlay.mesh.keySet().forEach(topic -> peer.subscription(true, topic));
  }

  private void gone(PeerId id, long nanos) {
    if (overlay.peers.remove(id) == null) {
      return;
    }
    overlay.mesh.values().forEach(members -> members.remove(id));
    fanout.values().forEach(fan -> fan.peers.remove(id));
    overlay.records.remove(id);
    overlay.scores.gone(id, nanos);
  }

  private void received(GossipEvent.Received received, long nanos) {
    Peer peer = overlay.peers.get(received.from());
    if (peer == null) {
      return;
    }
    if (overlay.score(peer, nanos) < config.score().graylist()) {
      dropped++;
      return;
    }
    Rpc rpc = received.rpc();
    for (Rpc.Subscription subscription : rpc.subscriptions()) {
      subscribed(peer, subscription);
    }
    for (GossipMessage message : rpc.publish()) {
      if (!peer.withinRate(message.bytes().size(), nanos)) {
        dropped++;
        overlay.scores.misbehaved(peer.id, 0.1);
        continue;
      }
      message(peer, message, nanos);
    }
    for (Rpc.Prune prune : rpc.prune()) {
      pruned(peer, prune, nanos);
    }
    for (String topic : rpc.graft()) {
      grafted(peer, topic, nanos);
    }
    for (Rpc.IHave ihave : rpc.ihave()) {
      ihave(peer, ihave, nanos);
    }
    iwant(peer, rpc.iwant(), nanos);
    for (MessageId id : rpc.idontwant()) {
      if (peer.declined++ < config.maxDontWant()) {
        peer.dontWant.put(id, DONT_WANT_BEATS);
      }
    }
  }

  private void subscribed(Peer peer, Rpc.Subscription subscription) {
    if (subscription.subscribe()) {
      if (peer.topics.size() < MAX_TOPICS_OF_PEER) {
        peer.topics.add(subscription.topic());
      }
      return;
    }
    peer.topics.remove(subscription.topic());
    Set<PeerId> members = overlay.mesh.get(subscription.topic());
    if (members != null && members.remove(peer.id)) {
      overlay.scores.pruned(peer.id, subscription.topic());
    }
    Fanout fan = fanout.get(subscription.topic());
    if (fan != null) {
      fan.peers.remove(peer.id);
    }
  }

  private void message(Peer peer, GossipMessage message, long nanos) {
    if (!overlay.mesh.containsKey(message.topic())) {
      return; // nothing of a topic that this node is not in is passed on
    }
    if (!message.wellFormed() || message.data().size() > config.maxMessage()) {
      overlay.scores.deliveredInvalid(peer.id, message.topic());
      return;
    }
    MessageId id = message.id();
    peer.promises.remove(id);
    if (message.from().equals(overlay.ownId)) {
      return; // what this node said itself
    }
    Seen.Entry before = seen.get(id);
    if (before != null) {
      duplicates++;
      if (before.senders.add(peer.id)
          && nanos - before.at <= config.score().topic().meshWindow().toNanos()) {
        overlay.scores.deliveredToo(peer.id, message.topic());
      }
      return;
    }
    if (seen.replayed(message)) {
      return;
    }
    List<Long> running = checksOf.getOrDefault(id, List.of());
    for (long check : running) {
      Pending pending = checks.get(check);
      if (pending != null && pending.message().bytes().equals(message.bytes())) {
        pending.senders().add(peer.id);
        return;
      }
    }
    if (checks.size() >= MAX_CHECKS || running.size() >= MAX_VARIANTS) {
      dropped++;
      return;
    }
    if (running.isEmpty()) {
      decline(peer, message, id);
    }
    long check = ++nextCheck;
    Set<PeerId> senders = new LinkedHashSet<>();
    senders.add(peer.id);
    checks.put(check, new Pending(message, senders));
    checksOf.computeIfAbsent(id, _ -> new ArrayList<>()).add(check);
    actions.add(new Check(check, peer.id, message));
  }

  /// Nobody else of the mesh needs to send a large message that is here already.
  private void decline(Peer sender, GossipMessage message, MessageId id) {
    if (message.data().size() < config.dontWantFrom()) {
      return;
    }
    for (PeerId member : overlay.mesh.getOrDefault(message.topic(), Set.of())) {
      Peer other = overlay.peers.get(member);
      if (other != null && other != sender && other.version == Version.V1_2) {
        other.idontwant(id);
      }
    }
  }

  private void judged(GossipEvent.Judged judged, long nanos) {
    Pending pending = checks.remove(judged.check());
    if (pending == null) {
      return;
    }
    GossipMessage message = pending.message();
    MessageId id = message.id();
    checksOf.computeIfPresent(
        id,
        (_, running) -> {
          running.remove(judged.check());
          return running.isEmpty() ? null : running;
        });
    switch (judged.verdict()) {
      case REJECT -> {
        rejected++;
        for (PeerId sender : pending.senders()) {
          overlay.scores.deliveredInvalid(sender, message.topic());
        }
      }
      case IGNORE -> seen.add(id, nanos);
      case ACCEPT -> {
        if (seen.contains(id)) {
          return;
        }
        seen.add(id, nanos);
        boolean first = true;
        for (PeerId sender : pending.senders()) {
          if (first) {
            overlay.scores.deliveredFirst(sender, message.topic());
          } else {
            overlay.scores.deliveredToo(sender, message.topic());
          }
          first = false;
        }
        overlay.peers.values().forEach(peer -> peer.promises.remove(id));
        cache.put(id, message);
        delivered++;
        actions.add(new Deliver(message));
        forward(message, id, pending.senders(), nanos);
      }
    }
  }

  private void forward(GossipMessage message, MessageId id, Set<PeerId> except, long nanos) {
    Set<PeerId> members = overlay.mesh.getOrDefault(message.topic(), Set.of());
    for (Peer peer : overlay.peers.values()) {
      boolean floods =
          peer.version == Version.FLOODSUB
              && peer.topics.contains(message.topic())
              && overlay.score(peer, nanos) >= config.score().publish();
      if ((floods || members.contains(peer.id)) && !except.contains(peer.id)) {
        send(peer, message, id);
      }
    }
  }

  private static void send(Peer peer, GossipMessage message, MessageId id) {
    if (!peer.dontWant.containsKey(id)) {
      peer.message(message);
    }
  }

  private void publish(GossipMessage message, long nanos) {
    MessageId id = message.id();
    seen.add(id, nanos);
    cache.put(id, message);
    if (!overlay.mesh.containsKey(message.topic())) {
      Fanout fan = fanout.computeIfAbsent(message.topic(), _ -> new Fanout());
      fan.lastPublished = nanos;
      heartbeat.fill(message.topic(), fan, nanos);
    }
    // Flood publishing: an own message goes to everybody who is not bad, so that no mesh of
    // strangers can keep it in.
    for (Peer peer : overlay.peers.values()) {
      if (peer.topics.contains(message.topic())
          && overlay.score(peer, nanos) >= config.score().publish()) {
        send(peer, message, id);
      }
    }
  }

  private void join(String topic, long nanos) {
    if (overlay.mesh.containsKey(topic)) {
      return;
    }
    overlay.mesh.put(topic, new LinkedHashSet<>());
    overlay.peers.values().forEach(peer -> peer.subscription(true, topic));
    fanout.remove(topic);
    heartbeat.graftUpTo(topic, config.d(), nanos);
  }

  private void leave(String topic, long nanos) {
    Set<PeerId> members = overlay.mesh.get(topic);
    if (members == null) {
      return;
    }
    for (PeerId member : List.copyOf(members)) {
      Peer peer = overlay.peers.get(member);
      if (peer != null) {
        overlay.prune(peer, topic, config.unsubscribeBackoff(), nanos);
      }
    }
    overlay.mesh.remove(topic);
    overlay.peers.values().forEach(peer -> peer.subscription(false, topic));
  }

  private void grafted(Peer peer, String topic, long nanos) {
    Set<PeerId> members = overlay.mesh.get(topic);
    if (members == null || members.contains(peer.id) || !peer.version.meshes()) {
      return; // of a topic that is not known here nobody is told anything
    }
    long backoff = overlay.backoff(topic, peer.id);
    if (backoff - nanos > 0) {
      long begun = backoff - config.pruneBackoff().toNanos();
      boolean flood = nanos - begun < config.graftFlood().toNanos();
      overlay.scores.misbehaved(peer.id, flood ? 2 : 1);
      overlay.prune(peer, topic, config.pruneBackoff(), nanos);
    } else if (overlay.score(peer, nanos) < 0
        || (members.size() >= config.dHigh() && !peer.outbound)) {
      overlay.prune(peer, topic, config.pruneBackoff(), nanos);
    } else {
      peer.topics.add(topic);
      members.add(peer.id);
      overlay.scores.grafted(peer.id, topic, nanos);
    }
  }

  private void pruned(Peer peer, Rpc.Prune prune, long nanos) {
    Set<PeerId> members = overlay.mesh.get(prune.topic());
    if (members == null) {
      return;
    }
    if (members.remove(peer.id)) {
      overlay.scores.pruned(peer.id, prune.topic());
    }
    long seconds = prune.backoffSeconds();
    long longest = 60 * config.pruneBackoff().toSeconds();
    long backoff = seconds <= 0 ? config.pruneBackoff().toSeconds() : Math.min(seconds, longest);
    overlay.addBackoff(prune.topic(), peer.id, nanos + backoff * 1_000_000_000L);
    if (!prune.peers().isEmpty() && overlay.score(peer, nanos) >= config.score().acceptExchange()) {
      List<Rpc.Suggestion> suggested = new ArrayList<>(prune.peers());
      Collections.shuffle(suggested, overlay.random);
      actions.add(new Meet(suggested.subList(0, Math.min(config.prunePeers(), suggested.size()))));
    }
  }

  private void ihave(Peer peer, Rpc.IHave ihave, long nanos) {
    if (overlay.score(peer, nanos) < config.score().gossip()
        || ++peer.ihaves > config.maxIHaves()
        || !overlay.mesh.containsKey(ihave.topic())) {
      return;
    }
    List<MessageId> wanted = new ArrayList<>();
    for (MessageId id : new LinkedHashSet<>(ihave.ids())) {
      if (!seen.contains(id) && !checksOf.containsKey(id)) {
        wanted.add(id);
      }
    }
    Collections.shuffle(wanted, overlay.random);
    int most = Math.min(wanted.size(), config.maxIHaveIds() - peer.asked);
    for (int i = 0; i < most; i++) {
      peer.iwant(wanted.get(i));
      peer.asked++;
    }
    if (most > 0 && peer.promises.size() < MAX_PROMISES) {
      // One of those asked for is remembered, and it cannot be known which.
      peer.promises.putIfAbsent(wanted.getFirst(), nanos + config.promise().toNanos());
    }
  }

  private void iwant(Peer peer, List<MessageId> ids, long nanos) {
    if (overlay.score(peer, nanos) < config.score().gossip()) {
      return;
    }
    for (MessageId id : ids) {
      if (peer.served++ < config.maxIHaveIds()) {
        cache
            .get(id, peer.id, config.retransmissions())
            .ifPresent(message -> send(peer, message, id));
      }
    }
  }
}
