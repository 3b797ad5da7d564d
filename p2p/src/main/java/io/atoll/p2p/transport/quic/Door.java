package io.atoll.p2p.transport.quic;

import io.atoll.p2p.transport.HandshakeFailure;
import java.net.InetSocketAddress;

/// Who is asked about connections from outside, and told of them. Called on the codec's thread: it
/// must not wait.
interface Door {
  /// Whether a host may begin a handshake; each that may is told of once more, by one of the
  /// others.
  boolean admits(InetSocketAddress remote);

  /// The remote has proven its id.
  void proven(QuicConnection connection, InetSocketAddress remote);

  void failed(InetSocketAddress remote, HandshakeFailure why);
}
