package io.atoll.vpn.wireguard.machine;

/// What whoever drives a peer does for its machine.
public enum PeerAction {
  /// Makes a new initiation and sends it; the machine counts it as sent.
  SEND_INITIATION,
  /// Sends an empty packet, and then says `KEEPALIVE_SENT`, or `WAITING` if there is no key.
  SEND_KEEPALIVE,
  /// Drops what waits for a key: the peer does not answer.
  DROP_WAITING,
  /// Forgets all keys and any half-made handshake.
  WIPE_KEYS
}
