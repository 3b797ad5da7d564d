package io.atoll.p2p.transport;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import java.io.IOException;

/// A connection to a peer that has proven its id. Either end may open streams.
public interface Connection extends AutoCloseable {
  PeerId remote();

  Role role();

  Multiaddr localAddress();

  Multiaddr remoteAddress();

  /// Opens a stream; waits while too many are not yet acknowledged by the peer.
  ///
  /// @throws IOException if the connection is lost or the peer takes no more streams
  MuxedStream open() throws IOException, InterruptedException;

  /// Waits for the next stream that the peer opens.
  ///
  /// @throws IOException once the connection is lost or closed
  MuxedStream accept() throws IOException, InterruptedException;

  boolean isOpen();

  /// Whether it goes over a relay, which allows it little time and few bytes.
  default boolean limited() {
    return false;
  }

  /// The protocol that secures it, such as `/noise`; empty where it does not say.
  default String security() {
    return "";
  }

  /// How many streams are alive, either way.
  int streams();

  /// Sends what is queued, for a moment, says goodbye, and closes; streams that are still open get
  /// an `IOException`.
  @Override
  void close();
}
