package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.noise.Initiator;

/// A handshake that we began and that waits for its answer. The engine's, under its lock.
final class HalfOpen implements IndexTable.Slot {
  /// Who sees the initiation can send answers; each that is tried costs curve arithmetic.
  private static final int TRIES = 8;

  private final int index;
  private final Peer peer;
  private final Initiator initiator;
  private int tries;

  HalfOpen(int index, Peer peer, Initiator initiator) {
    this.index = index;
    this.peer = peer;
    this.initiator = initiator;
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public Peer peer() {
    return peer;
  }

  Initiator initiator() {
    return initiator;
  }

  boolean mayTry() {
    return tries++ < TRIES;
  }
}
