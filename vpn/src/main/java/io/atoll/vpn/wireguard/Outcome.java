package io.atoll.vpn.wireguard;

/// What became of a packet. The engine counts each.
public enum Outcome {
  /// An inner packet of a peer, from an address that is the peer's.
  DATA,
  KEEPALIVE,
  /// A message of a handshake; it waits for `Engine.run`.
  HANDSHAKE,
  /// Nothing that WireGuard sends, outside or inside.
  MALFORMED,
  /// For a session that is not there.
  UNKNOWN_SESSION,
  /// For a session that is too old.
  EXPIRED,
  /// Not sealed with the session's key.
  FORGED,
  /// It was here before, or is so late that nobody knows.
  REPLAYED,
  /// Its inner source is not the peer's.
  FOREIGN_SOURCE,
  /// So many handshakes wait already.
  QUEUE_FULL,
  /// A handshake for none of the identities here; or it would have cost too much to find out.
  NOT_FOR_US,
  /// Its sender was given a cookie, and told to come again with it.
  COOKIE_GIVEN,
  /// We were given one, and come again with it.
  COOKIE_TAKEN,
  /// A handshake too many.
  THROTTLED,
  /// A handshake of somebody who is no peer of that identity.
  UNKNOWN_PEER,
  /// A handshake that was here before.
  STALE_HANDSHAKE,
  /// An answer to no question, or not by the one who was asked.
  WRONG_ANSWER,
  /// A session was made.
  SESSION,
  SENT,
  /// It waits until there is a session.
  WAITS,
  /// It waited, and was dropped for want of a session or of room.
  WAITED_IN_VAIN,
  /// To nobody's address.
  NO_ROUTE
}
