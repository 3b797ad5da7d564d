package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import java.io.InputStream;
import java.io.OutputStream;

/// A two-way, ordered, flow-controlled stream of bytes to a peer, multiplexed over one connection.
/// One thread may read while another writes.
public interface Stream extends AutoCloseable {
  PeerId remote();

  String protocol();

  /// Ends with -1 after the peer's half close; throws `IOException` after a reset or a lost
  /// connection.
  InputStream in();

  /// Closing it is the half close: the peer reads to the end, and may still write.
  OutputStream out();

  /// Ends both directions at once and discards what is in flight; a blocked reader or writer gets
  /// an
  /// `IOException`.
  void reset();

  /// Half-closes and stops reading.
  @Override
  void close();
}
