package io.atoll.vpn.wireguard.machine;

/// What happens to a peer. Enumerated, not records: one comes with each packet.
public enum PeerEvent {
  /// Time has passed.
  TICK,
  /// Something waits to be sent, and there is no key for it.
  WAITING,
  /// Data was sealed and given to a path.
  DATA_SENT,
  /// The same, of an empty packet.
  KEEPALIVE_SENT,
  /// Data was opened, found genuine and new.
  DATA_RECEIVED,
  KEEPALIVE_RECEIVED,
  /// The current key has sealed so many messages that the next should be made.
  KEY_WORN,
  /// The peer's initiation was found genuine and answered: there is a next key, which the first
  /// packet sealed with it confirms.
  INITIATION_ANSWERED,
  /// The peer has answered our initiation: there is a current key, which we made.
  RESPONSE_RECEIVED,
  /// A packet came with the next key, which is now the current one; the peer made it.
  KEY_CONFIRMED,
  /// The peer has a new address, a new key, or was never heard: what is known of waiting is void.
  RESET
}
