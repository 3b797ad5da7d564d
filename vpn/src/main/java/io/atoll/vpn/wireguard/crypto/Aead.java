package io.atoll.vpn.wireguard.crypto;

/// ChaCha20-Poly1305 with one key, on memory by its address, with no associated data and the nonce
/// of WireGuard: four zeros and the counter, little-endian (RFC 8439, whitepaper §5.4.6).
///
/// Not for several threads at once, and not after `close`: whoever owns one has a lock for it.
public interface Aead extends AutoCloseable {
  int TAG = 16;

  /// Seals `length` bytes and puts the tag behind them. Source and target are the same or do not
  /// overlap.
  void seal(long counter, long from, int length, long to);

  /// Opens `length` bytes, of which the last are the tag; false, with a target of no meaning, for
  /// what was not sealed with this key and counter.
  boolean open(long counter, long from, int length, long to);

  @Override
  void close();
}
