package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What each peer is worth by what it did:
/// `cap(Σ topic · (P1 + P2 + P3 + P3b + P4)) + P5 + P6 + P7`. A bad score outlives the connection.
final class Scores {
  private static final class TopicStats {
    private boolean inMesh;
    private boolean active;
    private long graftedAt;
    private double first;
    private double mesh;
    private double failure;
    private double invalid;
  }

  private static final class Stats {
    private final Map<String, TopicStats> topics = new LinkedHashMap<>();
    private Optional<String> address = Optional.empty();
    private double behaviour;
    private double application;
    private boolean connected;
    private long forgetAt;
  }

  private static final int MAX_PEERS = 20_000;

  private final ScoreConfig config;
  private final Map<PeerId, Stats> peers = new LinkedHashMap<>();
  private final Map<String, Integer> addresses = new LinkedHashMap<>();
  private long decayAt = Long.MIN_VALUE;

  Scores(ScoreConfig config) {
    this.config = config;
  }

  /// @param address what peers may share; empty where sharing means nothing, as on loopback
  void connected(PeerId peer, Optional<String> address) {
    Stats stats = peers.computeIfAbsent(peer, _ -> new Stats());
    forgetAddress(stats);
    stats.connected = true;
    stats.address = address;
    address.ifPresent(shared -> addresses.merge(shared, 1, Integer::sum));
    if (peers.size() > MAX_PEERS) {
      // Of those that are gone the oldest is forgotten.
      var oldest = peers.values().iterator();
      while (oldest.hasNext()) {
        if (!oldest.next().connected) {
          oldest.remove();
          break;
        }
      }
    }
  }

  void gone(PeerId peer, long nanos) {
    Stats stats = peers.get(peer);
    if (stats == null) {
      return;
    }
    stats.topics.forEach((topic, _) -> pruned(peer, topic));
    boolean good = score(peer, nanos) > 0;
    forgetAddress(stats);
    stats.connected = false;
    stats.forgetAt = nanos + config.retain().toNanos();
    // Nobody keeps a good score by going away.
    stats.topics.values().forEach(topic -> topic.first = 0);
    if (good) {
      peers.remove(peer);
    }
  }

  private void forgetAddress(Stats stats) {
    stats.address.ifPresent(
        shared -> addresses.merge(shared, -1, (a, b) -> a + b == 0 ? null : a + b));
    stats.address = Optional.empty();
  }

  void grafted(PeerId peer, String topic, long nanos) {
    TopicStats stats = topic(peer, topic);
    if (stats != null) {
      stats.inMesh = true;
      stats.active = false;
      stats.graftedAt = nanos;
    }
  }

  void pruned(PeerId peer, String topic) {
    TopicStats stats = topic(peer, topic);
    if (stats == null || !stats.inMesh) {
      return;
    }
    double missing = missing(stats);
    stats.failure += missing * missing;
    stats.inMesh = false;
    stats.active = false;
  }

  void deliveredFirst(PeerId peer, String topic) {
    TopicStats stats = topic(peer, topic);
    if (stats != null) {
      stats.first = Math.min(config.topic().firstCap(), stats.first + 1);
      deliveredInMesh(stats);
    }
  }

  /// A copy that came soon after the first one.
  void deliveredToo(PeerId peer, String topic) {
    TopicStats stats = topic(peer, topic);
    if (stats != null) {
      deliveredInMesh(stats);
    }
  }

  private void deliveredInMesh(TopicStats stats) {
    if (stats.inMesh) {
      stats.mesh = Math.min(config.topic().meshCap(), stats.mesh + 1);
    }
  }

  void deliveredInvalid(PeerId peer, String topic) {
    TopicStats stats = topic(peer, topic);
    if (stats != null) {
      stats.invalid++;
    }
  }

  void misbehaved(PeerId peer, double times) {
    Stats stats = peers.get(peer);
    if (stats != null) {
      stats.behaviour += times;
    }
  }

  /// P5: what the program itself thinks of a peer.
  void judged(PeerId peer, double application) {
    Stats stats = peers.get(peer);
    if (stats != null) {
      stats.application = application;
    }
  }

  double score(PeerId peer, long nanos) {
    Stats stats = peers.get(peer);
    if (stats == null) {
      return 0;
    }
    ScoreConfig.Topic weights = config.topic();
    double topics = 0;
    for (TopicStats topic : stats.topics.values()) {
      double score = 0;
      if (topic.inMesh) {
        double quanta = (double) (nanos - topic.graftedAt) / weights.timeQuantum().toNanos();
        score += weights.timeWeight() * Math.min(weights.timeCap(), quanta);
      }
      score += weights.firstWeight() * topic.first;
      double missing = missing(topic);
      score += weights.meshWeight() * missing * missing;
      score += weights.failureWeight() * topic.failure;
      score += weights.invalidWeight() * topic.invalid * topic.invalid;
      topics += weights.weight() * score;
    }
    double sum = Math.min(config.topicCap(), topics);
    sum += config.appWeight() * stats.application;
    int sharing = stats.address.map(shared -> addresses.getOrDefault(shared, 0)).orElse(0);
    double tooMany = Math.max(0, sharing - config.addressThreshold());
    sum += config.addressWeight() * tooMany * tooMany;
    double bad = Math.max(0, stats.behaviour - config.behaviourThreshold());
    return sum + config.behaviourWeight() * bad * bad;
  }

  private double missing(TopicStats stats) {
    ScoreConfig.Topic weights = config.topic();
    return stats.active && stats.mesh < weights.meshThreshold()
        ? weights.meshThreshold() - stats.mesh
        : 0;
  }

  /// Lets the counters decay, once an interval.
  void decay(long nanos) {
    if (decayAt != Long.MIN_VALUE && nanos - decayAt < 0) {
      return;
    }
    decayAt = nanos + config.decayInterval().toNanos();
    ScoreConfig.Topic weights = config.topic();
    peers.values().removeIf(stats -> !stats.connected && stats.forgetAt - nanos <= 0);
    for (Stats stats : peers.values()) {
      if (!stats.connected) {
        continue; // a bad score is kept as it is
      }
      for (TopicStats topic : stats.topics.values()) {
        topic.first = decayed(topic.first, weights.firstDecay());
        topic.mesh = decayed(topic.mesh, weights.meshDecay());
        topic.failure = decayed(topic.failure, weights.failureDecay());
        topic.invalid = decayed(topic.invalid, weights.invalidDecay());
        topic.active = topic.inMesh && nanos - topic.graftedAt > weights.meshActivation().toNanos();
      }
      stats.behaviour = decayed(stats.behaviour, config.behaviourDecay());
    }
  }

  private double decayed(double value, double factor) {
    double less = value * factor;
    return less < config.decayToZero() ? 0 : less;
  }

  private @Nullable TopicStats topic(PeerId peer, String topic) {
    Stats stats = peers.get(peer);
    return stats == null ? null : stats.topics.computeIfAbsent(topic, _ -> new TopicStats());
  }
}
