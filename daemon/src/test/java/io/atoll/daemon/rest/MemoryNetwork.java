package io.atoll.daemon.rest;

import io.atoll.client.api.BenchView;
import io.atoll.client.api.DhtPeer;
import io.atoll.client.api.DhtRecord;
import io.atoll.client.api.DhtStored;
import io.atoll.client.api.DhtValue;
import io.atoll.client.api.DhtView;
import io.atoll.client.api.FoundPeer;
import io.atoll.client.api.LatencyView;
import io.atoll.client.api.MappedPortView;
import io.atoll.client.api.PeerLatency;
import io.atoll.client.api.PeerView;
import io.atoll.client.api.SelfView;
import io.atoll.client.api.StreamView;
import io.atoll.client.api.TraceStep;
import io.atoll.client.api.TraceView;
import io.atoll.client.request.NetworkMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.peers.NetworkApi;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A network of one peer, which is reached over a relay until it is dialled.
final class MemoryNetwork implements NetworkApi {
  private static final PeerId PEER = MemoryPeers.PEER;
  private static final PeerId RELAY =
      new PeerId("12D3KooWGzBXdBD8hGGHuvDGo7vZpLGVPqMjBWkCgMNKB1nXfWTy");
  private static final String ADDRESS = "/ip4/192.0.2.7/tcp/7464";

  final Map<String, String> values = new ConcurrentHashMap<>();
  final List<List<String>> dialled = new CopyOnWriteArrayList<>();
  volatile boolean direct;
  volatile boolean reached = true;

  @Override
  public SelfView self() {
    return new SelfView(
        RELAY,
        "atoll/test",
        List.of(ADDRESS),
        "home",
        "atoll",
        false,
        "PRIVATE",
        List.of(),
        "CLIENT",
        1,
        100,
        List.of(),
        "0123456789abcdef",
        true,
        List.of(
            new MappedPortView("TCP", 7464, "203.0.113.9", 7464, "PCP", null, null),
            new MappedPortView("UDP", 7464, null, null, null, "REFUSED", "it is refused")),
        "rtt<50ms",
        List.of("/ipfs/ping/1.0.0"));
  }

  @Override
  public List<PeerView> peers(boolean known) {
    return known ? List.of(view(), stranger()) : List.of(view());
  }

  private PeerView view() {
    return new PeerView(
        PEER,
        true,
        direct ? "DIRECT" : "RELAYED",
        "tcp",
        "noise",
        "OUT",
        direct ? ADDRESS : ADDRESS + "/p2p/" + RELAY + "/p2p-circuit/p2p/" + PEER,
        direct ? null : RELAY,
        2,
        1.5,
        "evil\u001b[2J",
        List.of(ADDRESS),
        List.of());
  }

  private static PeerView stranger() {
    return new PeerView(
        RELAY, false, "NONE", null, null, null, null, null, 0, null, "", List.of(), List.of());
  }

  @Override
  public PeerView status(String peer) {
    return view();
  }

  @Override
  public PeerView dial(String peer, List<String> addresses) {
    dialled.add(addresses);
    direct = true;
    return view();
  }

  @Override
  public double ping(String peer, List<String> addresses) {
    if (!peer.equals(PEER.text())) {
      throw new AtollException(ErrorCode.UNREACHABLE, "cannot reach " + peer, "try another");
    }
    return 1.5;
  }

  @Override
  public FoundPeer find(String peer) {
    return new FoundPeer(PEER, "STORE", List.of(ADDRESS));
  }

  @Override
  public List<StreamView> streams() {
    return List.of(new StreamView(7, "T1W2-1-7", PEER, Instant.EPOCH, "/atoll/chat/1.0.0", "IN"));
  }

  @Override
  public LatencyView latency(Duration within) {
    return new LatencyView(
        List.of(new PeerLatency(PEER, 1.5, false)),
        1,
        (int) within.toMillis(),
        List.of(List.of(PEER, RELAY)));
  }

  @Override
  public BenchView bench(String peer, NetworkMapping.Bench request) {
    return new BenchView(
        PEER, "DIRECT", "quic", request.upload(), 100, request.download(), 200, 0.5);
  }

  @Override
  public TraceView trace(String peer, List<String> addresses) {
    return new TraceView(
        PEER,
        List.of(
            new TraceStep(
                ADDRESS, "tcp", reached, reached ? 4.0 : null, 1.0, reached ? "" : "no")));
  }

  @Override
  public DhtView dht() {
    return new DhtView(
        "CLIENT",
        List.of(new DhtPeer(PEER, List.of(ADDRESS))),
        List.of(new DhtRecord("/pk/x", 36, "")));
  }

  @Override
  public DhtValue get(String key) {
    String text = values.get(key);
    if (text == null) {
      throw new AtollException(ErrorCode.NOT_FOUND, "nobody keeps " + key, "put it");
    }
    String data = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return new DhtValue(key, data, text, RELAY, 1L, Instant.EPOCH);
  }

  @Override
  public DhtStored put(NetworkMapping.Put request) {
    String key = "/atoll/" + request.kind() + "/" + RELAY;
    values.put(key, request.text());
    return new DhtStored(key, 3);
  }
}
