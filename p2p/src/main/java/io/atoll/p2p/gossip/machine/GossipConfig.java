package io.atoll.p2p.gossip.machine;

import java.time.Duration;

/// The numbers of the specification, and what a peer may cost.
///
/// @param d peers in a mesh, between `dLow` and `dHigh`; `dScore` of them by score, `dOut` dialled
///     by this node
/// @param dLazy at least so many peers outside the mesh hear what messages there are
/// @param gossipFactor or this part of them
/// @param historyLength heartbeats that a message can be asked for
/// @param historyGossip heartbeats that it is told of
/// @param dontWantFrom messages of so many bytes are declined at once where they come from others
/// @param maxMessage bytes of data
/// @param messagesPerSecond of one peer, over ten seconds
/// @param bytesPerSecond of one peer's messages, over ten seconds
public record GossipConfig(
    int d,
    int dLow,
    int dHigh,
    int dScore,
    int dOut,
    int dLazy,
    double gossipFactor,
    int historyLength,
    int historyGossip,
    Duration heartbeat,
    Duration fanoutTime,
    Duration seenTime,
    Duration pruneBackoff,
    Duration unsubscribeBackoff,
    Duration graftFlood,
    Duration promise,
    int prunePeers,
    int opportunisticTicks,
    int opportunisticPeers,
    int maxIHaveIds,
    int maxIHaves,
    int retransmissions,
    int dontWantFrom,
    int maxDontWant,
    int maxMessage,
    int messagesPerSecond,
    int bytesPerSecond,
    ScoreConfig score) {

  public static GossipConfig defaults() {
    return new GossipConfig(
        6,
        4,
        12,
        4,
        2,
        6,
        0.25,
        5,
        3,
        Duration.ofSeconds(1),
        Duration.ofSeconds(60),
        Duration.ofSeconds(120),
        Duration.ofSeconds(60),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        16,
        60,
        2,
        5000,
        10,
        3,
        1024,
        512,
        1 << 20,
        500,
        4 << 20,
        ScoreConfig.defaults());
  }
}
