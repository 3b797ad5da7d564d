package io.atoll.daemon.peers;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.market.advert.AdvertSettings;
import io.atoll.market.advert.Adverts;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.gossip.Gossip;
import io.atoll.p2p.gossip.machine.GossipConfig;
import io.atoll.p2p.holepunch.HolePunch;
import io.atoll.p2p.holepunch.PunchPolicy;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.kad.Kad;
import io.atoll.p2p.kad.KadSettings;
import io.atoll.p2p.peer.PeerStore;
import io.atoll.p2p.reach.ReachClient;
import io.atoll.p2p.reach.ReachService;
import io.atoll.p2p.reach.Reachability;
import io.atoll.p2p.relay.CircuitTransport;
import io.atoll.p2p.relay.RelayLimits;
import io.atoll.p2p.relay.RelaySeeker;
import io.atoll.p2p.relay.RelayService;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.quic.QuicTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A daemon among its peers: its host and all that p2p builds on one, put together by hand, top to
/// bottom; taken apart in the reverse order. What the daemon's own roles need is there when it is
/// open; the rest comes in the background, so that nobody's start waits for it.
public final class PeerNetwork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNetwork.class);
  private static final String STORE = "peers";
  private static final int RELAYS = 2;

  /// Everything that comes in the background.
  ///
  /// @param adverts what nodes offer, and say so
  /// @param relay and
  /// @param reachService null where this node serves nobody
  record Parts(
      Kad kad,
      Gossip gossip,
      Adverts adverts,
      HolePunch punch,
      ReachClient reach,
      LatencyExchange latency,
      Meetings meetings,
      @Nullable RelayService relay,
      @Nullable ReachService reachService) {}

  private final Identity identity;
  private final String agent;
  private final NetworkSettings settings;
  private final Pace pace;
  private final NetworkHost host;

  // Under the lock of this object.
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable Thread starter;
  private @Nullable Parts parts;
  private boolean closed;

  private volatile Around around = Around.nothing();

  private PeerNetwork(
      Identity identity,
      String agent,
      NetworkSettings settings,
      Pace pace,
      PeerStore store,
      NetworkHost host) {
    this.identity = identity;
    this.agent = agent;
    this.settings = settings;
    this.pace = pace;
    this.host = host;
    open.push(store);
    open.push(host);
  }

  /// Listens; what is known of peers is read from the data folder.
  ///
  /// @throws IOException if an address cannot be bound; nothing is left behind then
  public static PeerNetwork open(
      Path dataDir, Identity identity, NetworkSettings settings, String agent) throws IOException {
    return open(dataDir, identity, settings, agent, Pace.usual());
  }

  static PeerNetwork open(
      Path dataDir, Identity identity, NetworkSettings settings, String agent, Pace pace)
      throws IOException {
    int strangers = settings.maxHandshakes();
    HostConfig config =
        HostConfig.of(identity, settings.listen())
            .withAgent(KnownFacts.agent(agent, settings.profile()))
            .withAddresses(settings.filter())
            .withStack(settings.stack())
            .withLimits(settings.profile().limits())
            .withWatermarks(settings.profile().watermarks())
            .withHandshakes(
                new HandshakeLimits(
                    HandshakeLimits.defaults().timeout(), strangers, Math.max(1, strangers / 2)));
    settings.key().ifPresent(key -> LOG.info("in a private network, without QUIC: {}", key));
    PeerStore store = PeerStore.at(dataDir.resolve(STORE));
    try {
      return new PeerNetwork(identity, agent, settings, pace, store, P2p.start(config, store));
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  public NetworkHost host() {
    return host;
  }

  /// What it has of the network that it stands in, by now.
  Around around() {
    return around;
  }

  NetworkSettings settings() {
    return settings;
  }

  String agent() {
    return agent;
  }

  Identity identity() {
    return identity;
  }

  /// Begins to take part; returns at once.
  ///
  /// @param roles of this daemon say what they advertise and search, once that is possible
  public synchronized void start(Consumer<Adverts> roles) {
    if (!closed && starter == null) {
      starter = Thread.ofVirtual().name("peer-network").start(() -> begin(roles));
    }
  }

  /// What nodes advertise, as far as this one has heard.
  ///
  /// @throws AtollException NOT_READY while this does not take part
  public Adverts adverts() {
    return parts().adverts();
  }

  /// @throws AtollException NOT_READY while they come, and after the end
  synchronized Parts parts() {
    Parts known = parts;
    if (known == null || closed) {
      throw new AtollException(
          ErrorCode.NOT_READY,
          "this daemon does not take part among its peers yet",
          "try again in a second");
    }
    return known;
  }

  /// None while they come.
  synchronized Optional<Parts> partsIfThere() {
    return Optional.ofNullable(closed ? null : parts);
  }

  private void begin(Consumer<Adverts> roles) {
    try {
      CircuitTransport.attach(host);
      RelaySeeker seeker = RelaySeeker.start(host, RELAYS);
      RelayService relay =
          settings.server() ? RelayService.start(host, identity, RelayLimits.defaults()) : null;
      ReachService service =
          settings.server()
              ? opened(ReachService.start(host, pace.reach(), settings.stack()))
              : null;
      HolePunch punch = HolePunch.start(host, PunchPolicy.of(settings.filter()::allows));
      if (settings.bench()) {
        host.handle(BenchService.PROTOCOL, new BenchService());
      }
      Kad kad =
          opened(
              Kad.start(
                  host,
                  Optional.of(identity.publicKey()),
                  settings.server()
                      ? KadSettings.server(List.of())
                      : KadSettings.client(List.of())));
      ReachClient reach = ReachClient.start(host, pace.reach(), now -> learnt(now, kad, seeker));
      Gossip gossip = opened(Gossip.start(host, identity, GossipConfig.defaults()));
      Adverts adverts =
          opened(Adverts.start(identity, host, kad, gossip, AdvertSettings.defaults()));
      LatencyExchange latency =
          opened(LatencyExchange.start(host, identity, gossip, settings.advertise(), pace));
      Meetings meetings =
          new Meetings(
              host,
              settings.maxHandshakes(),
              settings.wanted(),
              PeerFilter.parse("kind=" + settings.profile().word()),
              new KnownFacts(host, latency.table(), adverts)::of);
      latency.afterRound(meetings::review);
      roles.accept(adverts);
      synchronized (this) {
        parts = new Parts(kad, gossip, adverts, punch, reach, latency, meetings, relay, service);
      }
      askThoseWhoCameBefore();
      opened(Bootstrap.start(host, settings.bootstrap(), pace.redial()));
      settings.listenToo().forEach(this::listenToo);
      opened(Rendezvous.start(kad, settings.rendezvous(), meetings, pace));
      around = opened(Around.use(host, settings, meetings));
      if (!settings.server()) {
        Thread.sleep(pace.relayPatience());
        if (reach.reachability() != Reachability.PUBLIC) {
          seeker.seek();
        }
      }
    } catch (IOException | RuntimeException e) {
      if (isClosed()) {
        return;
      }
      LOG.warn("this daemon takes no part in the DHT, in gossip and in relays: {}", e.toString());
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  /// @throws InterruptedException if this was closed meanwhile; the part is closed, too
  private <T extends AutoCloseable> T opened(T part) throws InterruptedException {
    synchronized (this) {
      if (!closed) {
        open.push(part);
        return part;
      }
    }
    shut(part);
    throw new InterruptedException("closing");
  }

  private void learnt(Reachability now, Kad kad, RelaySeeker seeker) {
    LOG.info("whether others can dial this node: {}", now);
    switch (now) {
      case PUBLIC -> kad.startServing();
      case PRIVATE -> {
        if (!settings.server()) {
          kad.stopServing();
        }
        seeker.seek();
      }
      case UNKNOWN -> {}
    }
  }

  /// The parts hear who a peer is when it says so; these said it before there were parts.
  private void askThoseWhoCameBefore() {
    for (Connection connection : host.swarm().connections()) {
      PeerId peer = connection.remote();
      Thread.ofVirtual()
          .name("identify-again")
          .start(
              () -> {
                try {
                  host.identify(peer);
                } catch (IOException e) {
                  LOG.debug("{} does not say again what it is: {}", peer, e.getMessage());
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
  }

  private void listenToo(String text) {
    Multiaddr address = Multiaddr.parse(text);
    boolean quic = address.value(Protocol.UDP).isPresent();
    try {
      Optional<String> missing = quic ? QuicTransport.missing() : Optional.empty();
      if (missing.isPresent()) {
        throw new IOException("this system has no QUIC: " + missing.get());
      }
      host.swarm().listen(address);
      host.selfChanged();
      LOG.debug("listening on {}, too", address);
    } catch (IOException | RuntimeException e) {
      LOG.info("peers do not reach this node at {}: {}", address, e.getMessage());
    }
  }

  /// Says goodbye to all peers, and writes what is known of them.
  @Override
  public void close() {
    Thread starting;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      starting = starter;
    }
    if (starting != null) {
      starting.interrupt();
    }
    for (AutoCloseable part = next(); part != null; part = next()) {
      shut(part);
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized @Nullable AutoCloseable next() {
    return open.poll();
  }

  private static void shut(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("a part of the network did not close cleanly: {}", e.toString());
    }
  }
}
