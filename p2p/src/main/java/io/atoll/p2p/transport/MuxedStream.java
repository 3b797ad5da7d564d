package io.atoll.p2p.transport;

/// One stream of a connection. Closing `out()` is the half close; `close()` half-closes and stops
/// reading; both are polite, `reset()` is not.
public interface MuxedStream extends Wire {
  /// Ends both directions at once; what is in flight is lost, whoever is blocked gets an
  /// `IOException`.
  void reset();
}
