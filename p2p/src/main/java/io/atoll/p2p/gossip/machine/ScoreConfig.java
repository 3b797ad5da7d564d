package io.atoll.p2p.gossip.machine;

import java.time.Duration;

/// What counts for and against a peer (gossipsub v1.1, peer scoring). Each counter decays at every
/// interval; below `decayToZero` it is 0.
///
/// A topic of few messages cannot tell a silent peer from one with nothing to say: the share of a
/// mesh peer in deliveries (P3, P3b) counts only where its weight is set.
///
/// @param addressThreshold peers of one address up to which that costs nothing
/// @param gossip below it a peer's gossip is not heard and it gets none
/// @param publish below it a peer gets no own messages of this node
/// @param graylist below it nothing of a peer is heard
/// @param acceptExchange from it on the peers that it suggests are taken up
/// @param opportunistic a mesh whose median is below looks for better peers
public record ScoreConfig(
    Topic topic,
    double topicCap,
    double appWeight,
    double addressWeight,
    int addressThreshold,
    double behaviourWeight,
    double behaviourThreshold,
    double behaviourDecay,
    Duration decayInterval,
    double decayToZero,
    Duration retain,
    double gossip,
    double publish,
    double graylist,
    double acceptExchange,
    double opportunistic) {

  /// @param timeWeight P1, for each quantum in the mesh
  /// @param firstWeight P2, for each message that a peer delivered first
  /// @param meshWeight P3, for the square of what is missing of the threshold
  /// @param failureWeight P3b, for the square of what was missing when it was pruned
  /// @param invalidWeight P4, for the square of the number of invalid messages
  public record Topic(
      double weight,
      double timeWeight,
      Duration timeQuantum,
      double timeCap,
      double firstWeight,
      double firstDecay,
      double firstCap,
      double meshWeight,
      double meshDecay,
      double meshCap,
      double meshThreshold,
      Duration meshWindow,
      Duration meshActivation,
      double failureWeight,
      double failureDecay,
      double invalidWeight,
      double invalidDecay) {
    public static Topic defaults() {
      return new Topic(
          0.5,
          0.01,
          Duration.ofSeconds(1),
          300,
          1,
          0.95,
          40,
          0,
          0.5,
          100,
          20,
          Duration.ofMillis(10),
          Duration.ofSeconds(5),
          0,
          0.5,
          -20,
          0.99);
    }
  }

  public static ScoreConfig defaults() {
    return new ScoreConfig(
        Topic.defaults(),
        10,
        1,
        -5,
        10,
        -10,
        1,
        0.98,
        Duration.ofSeconds(1),
        0.01,
        Duration.ofHours(1),
        -10,
        -50,
        -80,
        5,
        1);
  }
}
