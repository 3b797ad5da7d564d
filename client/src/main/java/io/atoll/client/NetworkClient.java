package io.atoll.client;

import io.atoll.client.api.BenchRequest;
import io.atoll.client.api.BenchView;
import io.atoll.client.api.DhtRequest;
import io.atoll.client.api.DhtStored;
import io.atoll.client.api.DhtValue;
import io.atoll.client.api.DhtView;
import io.atoll.client.api.FoundPeer;
import io.atoll.client.api.LatencyView;
import io.atoll.client.api.PeerCall;
import io.atoll.client.api.PeerList;
import io.atoll.client.api.PeerView;
import io.atoll.client.api.PingView;
import io.atoll.client.api.SelfView;
import io.atoll.client.api.StreamList;
import io.atoll.client.api.StreamView;
import io.atoll.client.api.TraceView;
import java.util.List;

/// The network of peers, as a daemon sees it. Fails as [HubClient] does.
public final class NetworkClient {
  private static final String P2P = "/api/v1/p2p";

  private final HubClient daemon;

  NetworkClient(HubClient daemon) {
    this.daemon = daemon;
  }

  public SelfView self() {
    return daemon.get(P2P + "/self", SelfView.class);
  }

  /// @param known also those that are not connected
  public List<PeerView> peers(boolean known) {
    return daemon.get(P2P + "/peers?known=" + known, PeerList.class).peers();
  }

  /// How a peer is connected; it is not dialled for that.
  public PeerView status(String peer) {
    return daemon.get(path(peer), PeerView.class);
  }

  public PeerView dial(String peer, List<String> addresses) {
    return daemon.post(path(peer) + "/dial", new PeerCall(addresses), PeerView.class);
  }

  /// Round trip in milliseconds.
  public double ping(String peer, List<String> addresses) {
    return daemon.post(path(peer) + "/ping", new PeerCall(addresses), PingView.class).millis();
  }

  public FoundPeer find(String peer) {
    return daemon.post(path(peer) + "/find", null, FoundPeer.class);
  }

  public BenchView bench(String peer, BenchRequest request) {
    return daemon.post(path(peer) + "/bench", request, BenchView.class);
  }

  public TraceView trace(String peer, List<String> addresses) {
    return daemon.post(path(peer) + "/trace", new PeerCall(addresses), TraceView.class);
  }

  /// @param withinMillis the bound of what is near
  public LatencyView latency(int withinMillis) {
    return daemon.get(P2P + "/latency?within=" + withinMillis, LatencyView.class);
  }

  public List<StreamView> streams() {
    return daemon.get(P2P + "/streams", StreamList.class).streams();
  }

  public DhtView dht() {
    return daemon.get(P2P + "/dht", DhtView.class);
  }

  public DhtValue dhtValue(String key) {
    return daemon.get(P2P + "/dht/value?key=" + HubClient.query(key), DhtValue.class);
  }

  public DhtStored putIntoDht(DhtRequest request) {
    return daemon.post(P2P + "/dht/value", request, DhtStored.class);
  }

  private static String path(String peer) {
    return P2P + "/peers/" + HubClient.segment(peer);
  }
}
