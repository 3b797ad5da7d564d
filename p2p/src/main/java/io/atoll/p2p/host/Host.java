package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// One node among its peers. Blocking; cancelled by interrupt; called on virtual threads.
public interface Host extends AutoCloseable {
  PeerId id();

  /// The addresses bound that others are told of, each with `/p2p/<id>` at its end.
  List<String> listening();

  /// Serves a protocol: the handler runs on a virtual thread of its own for each stream that a peer
  /// opens; when it returns or throws, the stream is closed or reset.
  void handle(String protocol, StreamHandler handler);

  /// Serves a protocol no more; streams that are open go on.
  void unhandle(String protocol);

  /// Connects to a peer unless it is connected already. Those addresses that promise most are tried
  /// first, others beside them if they do not answer soon; the remote proves that it is `peer`, or
  /// the connection is closed. Without any, those are tried that are known from before.
  ///
  /// @throws IOException if no address leads to that peer in time; the message names each address
  ///     and what failed there
  void connect(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException;

  /// The owner of this node named these on purpose: their hosts are dialled from here on, whatever
  /// its own rules say of such addresses.
  void named(List<String> addresses);

  boolean connected(PeerId peer);

  /// Tells of the peers that are connected and of each that comes or goes from here on.
  void watch(PeerWatch watch);

  /// Opens a stream on the connection to a peer, in whichever direction that was dialled.
  ///
  /// @throws IOException if the peer is not connected, does not speak the protocol, or went away
  Stream open(PeerId peer, String protocol) throws IOException, InterruptedException;

  /// Round trip to a connected peer, by the ping protocol.
  Duration ping(PeerId peer) throws IOException, InterruptedException;

  /// Closes the connections to a peer.
  void disconnect(PeerId peer);

  /// Connections to the peer are kept, however many there are, while any tag protects it; who
  /// protects it takes its tag away again.
  void protect(PeerId peer, String tag);

  void unprotect(PeerId peer, String tag);

  @Override
  void close();

  @FunctionalInterface
  interface StreamHandler {
    void accept(Stream stream) throws IOException, InterruptedException;
  }
}
