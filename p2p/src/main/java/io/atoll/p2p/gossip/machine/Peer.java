package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A connected peer: what it speaks and wants, what it was told, and what waits to be sent to it.
final class Peer {
  private static final int BURST_SECONDS = 10;

  final PeerId id;
  final Version version;
  final boolean outbound;
  final Set<String> topics = new LinkedHashSet<>();

  /// Messages that it does not want, and the heartbeats for which that holds.
  final Map<MessageId, Integer> dontWant = new LinkedHashMap<>();

  /// Messages that it promised, and until when.
  final Map<MessageId, Long> promises = new HashMap<>();

  // Counted anew at each heartbeat.
  int ihaves;
  int asked;
  int served;
  int declined;

  private final GossipConfig config;
  private double messagesLeft;
  private double bytesLeft;
  private long budgetAt;

  // What waits for the end of the step.
  private final List<Rpc.Subscription> subscriptions = new ArrayList<>();
  private final List<Rpc.IHave> ihave = new ArrayList<>();
  private final List<MessageId> iwant = new ArrayList<>();
  private final List<String> graft = new ArrayList<>();
  private final List<Rpc.Prune> prune = new ArrayList<>();
  private final List<MessageId> idontwant = new ArrayList<>();
  private final List<GossipMessage> messages = new ArrayList<>();
  private boolean waiting;

  Peer(GossipConfig config, PeerId id, Version version, boolean outbound, long nanos) {
    this.config = config;
    this.id = id;
    this.version = version;
    this.outbound = outbound;
    this.messagesLeft = (double) BURST_SECONDS * config.messagesPerSecond();
    this.bytesLeft = (double) BURST_SECONDS * config.bytesPerSecond();
    this.budgetAt = nanos;
  }

  /// Whether a message more is within the rates.
  boolean withinRate(int bytes, long nanos) {
    double seconds = (nanos - budgetAt) / 1e9;
    budgetAt = nanos;
    messagesLeft =
        Math.min(
            (double) BURST_SECONDS * config.messagesPerSecond(),
            messagesLeft + seconds * config.messagesPerSecond());
    bytesLeft =
        Math.min(
            (double) BURST_SECONDS * config.bytesPerSecond(),
            bytesLeft + seconds * config.bytesPerSecond());
    if (messagesLeft < 1 || bytesLeft < bytes) {
      return false;
    }
    messagesLeft--;
    bytesLeft -= bytes;
    return true;
  }

  void subscription(boolean subscribe, String topic) {
    waiting = true;
    subscriptions.add(new Rpc.Subscription(subscribe, topic));
  }

  void ihave(String topic, List<MessageId> ids) {
    waiting = true;
    ihave.add(new Rpc.IHave(topic, ids));
  }

  void iwant(MessageId id) {
    waiting = true;
    iwant.add(id);
  }

  void graft(String topic) {
    waiting = true;
    graft.add(topic);
  }

  void prune(Rpc.Prune told) {
    waiting = true;
    prune.add(told);
  }

  void idontwant(MessageId message) {
    waiting = true;
    idontwant.add(message);
  }

  void message(GossipMessage message) {
    waiting = true;
    messages.add(message);
  }

  /// All that waited: control first, in one, then each message by itself, so that none is
  /// too large.
  List<Rpc> flush() {
    if (!waiting) {
      return List.of();
    }
    waiting = false;
    var control = new Rpc(subscriptions, List.of(), ihave, iwant, graft, prune, idontwant);
    List<Rpc> all = new ArrayList<>();
    if (!control.isEmpty()) {
      all.add(control);
      subscriptions.clear();
      ihave.clear();
      iwant.clear();
      graft.clear();
      prune.clear();
      idontwant.clear();
    }
    for (GossipMessage message : messages) {
      all.add(Rpc.publishing(message));
    }
    messages.clear();
    return all;
  }
}
