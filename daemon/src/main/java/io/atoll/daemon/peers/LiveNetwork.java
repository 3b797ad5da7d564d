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
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.daemon.peers.PeerNames.Named;
import io.atoll.daemon.peers.PeerNetwork.Parts;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.OpenStream;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.kad.machine.Contact;
import io.atoll.p2p.peer.KnownPeer;
import io.atoll.p2p.perf.Perf;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The network of a daemon, for whoever asks over its API.
final class LiveNetwork implements NetworkApi {
  private static final Duration DIAL = Duration.ofSeconds(15);
  private static final Duration BENCH = Duration.ofSeconds(60);
  private static final int TAIL = 8;

  private final PeerNetwork network;
  private final NetworkHost host;
  private final PeerNames names;
  private final DhtDesk dht;

  LiveNetwork(PeerNetwork network, PeerNames names) {
    this.network = network;
    this.host = network.host();
    this.names = names;
    this.dht = new DhtDesk(network);
  }

  private Ways ways() {
    return new Ways(
        host,
        connection ->
            network.partsIfThere().map(parts -> parts.punch().punched(connection)).orElse(false));
  }

  @Override
  public SelfView self() {
    NetworkSettings settings = network.settings();
    Optional<Parts> parts = network.partsIfThere();
    return new SelfView(
        host.id(),
        network.agent(),
        host.listening(),
        settings.profile().word(),
        settings.rendezvous(),
        settings.server(),
        parts.map(there -> there.reach().reachability().name()).orElse("UNKNOWN"),
        parts
            .map(there -> there.reach().reachable().stream().map(Multiaddr::toString).toList())
            .orElse(List.of()),
        parts.map(there -> DhtDesk.mode(there.kad())).orElse("STARTING"),
        host.swarm().connections().size(),
        settings.maxHandshakes(),
        settings.bootstrap().stream().map(Multiaddr::toString).toList(),
        settings.key().map(NetworkKey::fingerprint).orElse(null),
        network.around().peers().isPresent(),
        network.around().ports().map(MappedPorts::views).orElse(List.of()),
        settings.wanted().toString(),
        host.protocols());
  }

  @Override
  public List<PeerView> peers(boolean known) {
    Set<PeerId> peers = new LinkedHashSet<>();
    host.swarm().connections().stream().map(Connection::remote).forEach(peers::add);
    if (known) {
      host.peers().all().stream().map(KnownPeer::id).forEach(peers::add);
    }
    Ways ways = ways();
    return peers.stream()
        .map(peer -> ways.of(peer, null))
        .sorted(
            Comparator.comparing((PeerView view) -> !view.connected())
                .thenComparing(view -> view.peer().text()))
        .toList();
  }

  @Override
  public PeerView status(String peer) throws InterruptedException {
    PeerId id = names.find(peer, List.of()).id();
    return ways().of(id, host.connected(id) ? roundTripIfAny(id) : null);
  }

  private @Nullable Double roundTripIfAny(PeerId peer) throws InterruptedException {
    try {
      return millis(host.ping(peer));
    } catch (IOException goneMeanwhile) {
      return null;
    }
  }

  @Override
  public PeerView dial(String peer, List<String> addresses) throws InterruptedException {
    PeerId id = connected(peer, addresses);
    return ways().of(id, roundTripIfAny(id));
  }

  @Override
  public double ping(String peer, List<String> addresses) throws InterruptedException {
    PeerId id = connected(peer, addresses);
    try {
      return millis(host.ping(id));
    } catch (IOException e) {
      throw unreachable("ping", id, e);
    }
  }

  /// Where nothing else is known of a peer the DHT is asked.
  private PeerId connected(String peer, List<String> addresses) throws InterruptedException {
    Named named = names.find(peer, addresses);
    PeerId id = named.id();
    notItself(id);
    if (host.connected(id)) {
      return id;
    }
    List<String> known = named.addresses().isEmpty() ? addresses(id) : named.addresses();
    try {
      host.connect(id, known, DIAL);
      return id;
    } catch (IOException e) {
      throw unreachable("reach", id, e);
    }
  }

  private void notItself(PeerId id) {
    if (id.equals(host.id())) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "peer " + id + " is this daemon itself",
          "name another peer; `atoll p2p self` shows this one");
    }
  }

  private List<String> addresses(PeerId id) throws InterruptedException {
    List<String> known = host.peers().addresses(id).stream().map(Multiaddr::toString).toList();
    return known.isEmpty() ? dht.find(id) : known;
  }

  private static AtollException unreachable(String what, PeerId peer, IOException e) {
    return new AtollException(
        ErrorCode.UNREACHABLE,
        "cannot " + what + " peer " + peer + ": " + e.getMessage(),
        "`atoll p2p trace PEER` tries each of its addresses; --at names another one",
        e);
  }

  @Override
  public FoundPeer find(String peer) throws InterruptedException {
    PeerId id = names.find(peer, List.of()).id();
    Optional<Connection> connected = host.swarm().connection(id);
    Set<String> addresses = new LinkedHashSet<>();
    connected.ifPresent(there -> addresses.add(there.remoteAddress().withoutPeer().toString()));
    host.peers().addresses(id).forEach(address -> addresses.add(address.toString()));
    if (!addresses.isEmpty()) {
      return new FoundPeer(
          id, connected.isPresent() ? "CONNECTED" : "STORE", List.copyOf(addresses));
    }
    List<String> found = dht.find(id);
    if (found.isEmpty()) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "nobody that this daemon can ask knows where peer " + id + " is",
          "give this daemon a bootstrap peer (p2p.bootstrap), or dial the peer by an address");
    }
    return new FoundPeer(id, "DHT", found);
  }

  @Override
  public List<StreamView> streams() {
    return host.streams().stream().map(LiveNetwork::view).toList();
  }

  @Override
  public LatencyView latency(Duration within) {
    return LatencyDesk.view(host.id(), network.parts().latency().table(), within);
  }

  private static StreamView view(OpenStream stream) {
    String peer = stream.peer().text();
    return new StreamView(
        stream.id(),
        peer.substring(Math.max(0, peer.length() - TAIL))
            + "-"
            + stream.opened().toEpochMilli()
            + "-"
            + stream.id(),
        stream.peer(),
        stream.opened(),
        stream.protocol(),
        stream.inbound() ? "IN" : "OUT");
  }

  @Override
  public BenchView bench(String peer, NetworkMapping.Bench request) throws InterruptedException {
    PeerId id = connected(peer, request.addresses());
    try {
      double rtt = millis(host.ping(id));
      Connection connection =
          host.swarm()
              .connection(id)
              .orElseThrow(() -> new IOException("it is not connected any more"));
      try (Stream stream = host.open(id, Perf.PROTOCOL);
          var _ = new Deadline(BENCH, stream::reset)) {
        Perf.Times times =
            Perf.run(stream.in(), stream.out(), request.upload(), request.download());
        return new BenchView(
            id,
            ways().way(connection),
            Ways.transport(connection.remoteAddress()),
            request.upload(),
            millis(times.upload()),
            request.download(),
            millis(times.download()),
            rtt);
      }
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.UNREACHABLE,
          "cannot measure the line to peer " + id + ": " + e.getMessage(),
          "its owner allows it with p2p.bench = true; one peer at a time may measure",
          e);
    }
  }

  @Override
  public TraceView trace(String peer, List<String> more) throws InterruptedException {
    Named named = names.find(peer, more);
    notItself(named.id());
    List<String> all = new ArrayList<>(named.addresses());
    addresses(named.id()).stream().filter(address -> !all.contains(address)).forEach(all::add);
    if (all.isEmpty()) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "no address of peer " + named.id() + " is known here",
          "name one with --at");
    }
    return new Tracer(network.settings().filter(), network.settings().stack())
        .trace(named.id(), all);
  }

  @Override
  public DhtView dht() throws InterruptedException {
    return dht.view();
  }

  @Override
  public DhtValue get(String key) throws InterruptedException {
    return dht.get(key);
  }

  @Override
  public DhtStored put(NetworkMapping.Put request) throws InterruptedException {
    return dht.put(request);
  }

  static List<String> texts(Contact contact) {
    return contact.addresses().stream().map(Multiaddr::toString).toList();
  }

  static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }
}
