package io.atoll.daemon.peers;

import io.atoll.p2p.reach.ReachPolicy;
import java.time.Duration;

/// How soon a node does by itself what nobody waits for.
///
/// @param reach whom it asks whether it can be dialled, and whom it believes
/// @param relayPatience how long it may be unknown whether this node can be dialled before it takes
///     a place at relays, in case it cannot
/// @param firstLook for peers of the rendezvous, from when the DHT can be asked
/// @param nextLook from one look to the next
/// @param redial the longest pause between two dials to a bootstrap peer
/// @param measure from one round of measuring to the next: who is new is measured then
/// @param measureAgain from one measurement of a peer to the next, and between two reports
record Pace(
    ReachPolicy reach,
    Duration relayPatience,
    Duration firstLook,
    Duration nextLook,
    Duration redial,
    Duration measure,
    Duration measureAgain) {
  static Pace usual() {
    return new Pace(
        ReachPolicy.defaults(),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        Duration.ofMinutes(15),
        Duration.ofMinutes(1),
        Duration.ofSeconds(20),
        Duration.ofMinutes(5));
  }
}
