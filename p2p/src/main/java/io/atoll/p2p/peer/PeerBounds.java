package io.atoll.p2p.peer;

/// How much is kept.
///
/// @param peers beyond which those go first that have no address left, that this node never
///     reached, and of which nothing was heard for longest
/// @param addresses of one peer
/// @param protocols of one peer
public record PeerBounds(int peers, int addresses, int protocols) {
  /// The longest name of a protocol, and of an agent, that is kept.
  static final int TEXT = 200;

  public static PeerBounds defaults() {
    return new PeerBounds(1000, 32, 128);
  }
}
