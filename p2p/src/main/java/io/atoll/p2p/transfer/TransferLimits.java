package io.atoll.p2p.transfer;

import java.time.Duration;

/// What peers may cost.
///
/// @param offers that wait for a decision, of all peers
/// @param offersOfPeer the same, of one
/// @param ended how many transfers that have ended are remembered, in either direction
/// @param firstAnswer how long a peer may take to say its first message
/// @param stall how long a transfer may stand still before its stream is given up
/// @param forgotten how long an offer whose sender went away is kept
/// @param giveUp how long a transfer without any progress is tried
/// @param longestPause between two attempts
public record TransferLimits(
    int offers,
    int offersOfPeer,
    int ended,
    Duration firstAnswer,
    Duration stall,
    Duration forgotten,
    Duration giveUp,
    Duration longestPause) {

  public static TransferLimits defaults() {
    return new TransferLimits(
        64,
        8,
        256,
        Duration.ofSeconds(15),
        Duration.ofSeconds(60),
        Duration.ofMinutes(10),
        Duration.ofDays(7),
        Duration.ofSeconds(15));
  }

  public TransferLimits withOffers(int all, int ofPeer) {
    return new TransferLimits(
        all, ofPeer, ended, firstAnswer, stall, forgotten, giveUp, longestPause);
  }

  public TransferLimits withPatience(Duration stalled, Duration tried) {
    return new TransferLimits(
        offers, offersOfPeer, ended, firstAnswer, stalled, forgotten, tried, longestPause);
  }
}
