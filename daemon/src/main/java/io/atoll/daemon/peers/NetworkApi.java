package io.atoll.daemon.peers;

import io.atoll.client.api.BenchView;
import io.atoll.client.api.DhtStored;
import io.atoll.client.api.DhtValue;
import io.atoll.client.api.DhtView;
import io.atoll.client.api.FoundPeer;
import io.atoll.client.api.LatencyView;
import io.atoll.client.api.PeerView;
import io.atoll.client.api.SelfView;
import io.atoll.client.api.StreamView;
import io.atoll.client.api.TraceView;
import io.atoll.client.request.NetworkMapping;
import java.time.Duration;
import java.util.List;

/// What an API server may ask about the network of peers. Every failure is an `AtollException`; a
/// peer is named as in [PeersApi].
public interface NetworkApi {
  SelfView self();

  /// @param known also those that are not connected
  List<PeerView> peers(boolean known);

  /// How a peer is connected, with the round trip; it is not dialled for that.
  PeerView status(String peer) throws InterruptedException;

  /// Connects to a peer unless it is connected.
  PeerView dial(String peer, List<String> addresses) throws InterruptedException;

  /// Round trip in milliseconds; dials the peer where it is not connected.
  double ping(String peer, List<String> addresses) throws InterruptedException;

  /// Where a peer may be reached: asks the DHT where this daemon does not know.
  FoundPeer find(String peer) throws InterruptedException;

  List<StreamView> streams();

  /// @param within the round trip of what is near
  LatencyView latency(Duration within);

  BenchView bench(String peer, NetworkMapping.Bench request) throws InterruptedException;

  /// Tries each address by itself, under another identity: connections that there are stay.
  TraceView trace(String peer, List<String> addresses) throws InterruptedException;

  DhtView dht() throws InterruptedException;

  DhtValue get(String key) throws InterruptedException;

  DhtStored put(NetworkMapping.Put request) throws InterruptedException;
}
