package io.atoll.vpn.wireguard;

/// Moves datagrams. The engine calls it from several threads, at times with a lock held: it must
/// not wait, nor call the engine back. What cannot be sent is dropped.
public interface Paths {
  /// Sends what lies in memory to a peer, by the way that is best now.
  ///
  /// @param length of all datagrams, one behind the other
  /// @param segment of each but the last, which may be shorter
  void send(Peer peer, long address, int length, int segment);

  /// Answers somebody of whom nothing is known but the way.
  void reply(Path to, byte[] datagram);

  /// Something genuine came from a peer on this way, now: it may have moved.
  void heard(Peer peer, Path from);

  /// The engine knows this peer no longer.
  default void forgotten(Peer peer) {}
}
