package io.atoll.p2p.relay;

import java.time.Duration;

/// What a relay gives away.
///
/// @param reservations at once
/// @param reservationsPerHost at once, from one IP address
/// @param validity of one; it is given back when its connection ends
/// @param circuits at once
/// @param circuitsPerPeer at once, that lead to one peer or come from it
/// @param circuit what each may carry
public record RelayLimits(
    int reservations,
    int reservationsPerHost,
    Duration validity,
    int circuits,
    int circuitsPerPeer,
    CircuitLimit circuit) {

  public static RelayLimits defaults() {
    return new RelayLimits(
        128, 8, Duration.ofHours(1), 256, 16, new CircuitLimit(Duration.ofMinutes(5), 2 << 20));
  }

  public RelayLimits withCircuit(CircuitLimit other) {
    return new RelayLimits(
        reservations, reservationsPerHost, validity, circuits, circuitsPerPeer, other);
  }

  public RelayLimits withValidity(Duration other) {
    return new RelayLimits(
        reservations, reservationsPerHost, other, circuits, circuitsPerPeer, circuit);
  }
}
