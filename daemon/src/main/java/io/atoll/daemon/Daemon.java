package io.atoll.daemon;

import io.atoll.client.api.VersionView;
import io.atoll.client.request.TaskMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.core.term.Invite;
import io.atoll.core.term.Resources;
import io.atoll.daemon.gate.GateNetworks;
import io.atoll.daemon.gate.HubGates;
import io.atoll.daemon.hub.AuditEnds;
import io.atoll.daemon.hub.EgressMeters;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.hub.Secrets;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.journal.Agreement;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.journal.Journal;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.network.PacketMeters;
import io.atoll.daemon.peers.AdvertsApi;
import io.atoll.daemon.peers.HeardAdverts;
import io.atoll.daemon.peers.MappedSocket;
import io.atoll.daemon.peers.NetworkMeters;
import io.atoll.daemon.peers.PeerNetwork;
import io.atoll.daemon.peers.Peers;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.ProviderApi;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.rest.RestServer;
import io.atoll.daemon.rest.RestSettings;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.sqlite.SqliteStore;
import io.atoll.market.advert.AdvertData;
import io.atoll.market.advert.AdvertKind;
import io.atoll.market.advert.Adverts;
import io.atoll.market.agreement.Networking;
import io.atoll.market.agreement.Terms;
import io.atoll.market.payment.EthereumPayments;
import io.atoll.market.payment.EthereumTerms;
import io.atoll.market.payment.Payments;
import io.atoll.market.payment.SpentPayments;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.LoopbackHost;
import io.atoll.runtime.vm.VmPhase;
import io.atoll.vpn.exit.Outside;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.node.NodeNetworks;
import io.atoll.vpn.relay.RelayLimits;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One daemon, put together by hand, top to bottom; it is taken apart in the reverse order.
public final class Daemon implements AutoCloseable {
  /// What was bound.
  public record Bound(String peerId, List<String> listen, String api, String dataDir) {}

  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final Duration PAUSE_FOR_ROOM = Duration.ofSeconds(3);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private @Nullable Bound bound;

  private Daemon() {}

  private void open(DaemonSettings settings, VersionView version)
      throws IOException, InterruptedException {
    Path dataDir = settings.dataDir();
    opened(DataFolder.take(dataDir));
    Identity identity = Identity.at(dataDir.resolve("identity"));
    PeerNetwork network = opened(network(identity, settings, version));
    Host host = new LoopbackHost(network.host());
    ApiAddress address = new ApiAddress();
    NetworkDesk desk = desk(settings, identity, host);
    Hub hub = settings.hub() ? hub(dataDir, identity, host, version, address) : null;
    if (hub != null && desk != null) {
      desk.passOn(hub::knows);
    }
    if (hub != null && desk != null && !settings.provider()) {
      hub.own(opened(new OwnNode(hub, desk))); // a provider hears of its networks from its hubs
    }
    Provider provider = settings.provider() ? provider(settings, desk, host, version) : null;
    if (hub != null && provider != null) {
      hub.joinLocal(provider.offer());
      provider.joined(new Agreement(host.id(), host.listening(), provider.terms(), Instant.now()));
    }
    if (desk != null) {
      ways(desk, network, hub, settings);
    }
    HubApi served = hub != null ? hub : new NoHub(localSecret(dataDir), provider);
    ProviderApi works = provider != null ? provider : new NoProvider();
    String ownerKey = Secrets.hash(LocalKey.read(dataDir).orElse(""));
    Peers peers = opened(Peers.open(dataDir, network, host, ownerKey, served, works));
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    NetworkMeters.bind(metrics, network);
    if (desk != null) {
      PacketMeters.bind(metrics, desk);
    }
    if (hub != null) {
      EgressMeters.bind(metrics, hub::networksSeen);
    }
    AdvertsApi heard = query -> new HeardAdverts(network.adverts()).find(query);
    GateNetworks gates =
        hub == null || desk == null
            ? GateNetworks.none()
            : opened(new HubGates(seats(hub, host.id()), desk, host.id()));
    RestServer rest = opened(api(served, works, peers, heard, gates, settings, version, metrics));
    address.set(rest.uri().toString());
    if (hub != null) {
      InetAddress bind = settings.api().getAddress();
      hub.publishAt(bind, bind.isAnyLocalAddress() ? ownAddress() : bind.getHostAddress());
    }
    LocalKey.writeApi(dataDir, rest.uri().toString());
    if (provider != null) {
      for (String invite : settings.invites()) {
        join(provider, Invite.parse(invite));
      }
    }
    network.start(adverts -> advertise(adverts, hub, provider, host, settings, version));
    this.bound =
        new Bound(host.id().text(), listening(network), rest.uri().toString(), dataDir.toString());
  }

  /// Starts a daemon; everything it serves is served when this returns.
  ///
  /// @throws AtollException with what stood in the way; nothing is left running then
  public static Daemon start(DaemonSettings settings, VersionView version)
      throws InterruptedException {
    Daemon daemon = new Daemon();
    try {
      daemon.open(settings, version);
      return daemon;
    } catch (RuntimeException | InterruptedException e) {
      daemon.close();
      throw e;
    } catch (IOException e) {
      boolean full = PrivateFiles.diskFull(DataFolder.lock(settings.dataDir()), e);
      daemon.close();
      throw new AtollException(
          full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
          "the daemon could not start: " + e.getMessage(),
          "see `atoll doctor`; its data folder is " + settings.dataDir(),
          e);
    }
  }

  /// As `start`; where nothing but room on the disk is missing, it says so once and tries again
  /// until there is some.
  public static Daemon startOnceThereIsRoom(DaemonSettings settings, VersionView version)
      throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        return start(settings, version);
      } catch (AtollException e) {
        if (!lacksRoom(settings, e)) {
          throw e;
        }
        if (!told) {
          LOG.warn(
              "not started yet, tried again until there is room in {}: {}",
              settings.dataDir(),
              e.text());
          told = true;
        }
        Thread.sleep(PAUSE_FOR_ROOM);
      }
    }
  }

  /// Some parts report a full disk as whatever they could not do for it.
  private static boolean lacksRoom(DaemonSettings settings, AtollException e) {
    return e.code() == ErrorCode.DISK_FULL
        || (e.code() == ErrorCode.INTERNAL
            && PrivateFiles.diskFull(DataFolder.lock(settings.dataDir())));
  }

  /// What others are told of; where that is nothing, what is bound.
  private static List<String> listening(PeerNetwork network) {
    List<String> told = network.host().listening();
    return told.isEmpty()
        ? network.host().swarm().listening().stream().map(Multiaddr::toString).toList()
        : told;
  }

  private static PeerNetwork network(
      Identity identity, DaemonSettings settings, VersionView version) {
    try {
      return PeerNetwork.open(
          settings.dataDir(), identity, settings.network(), "atoll/" + version.version());
    } catch (IOException e) {
      String owner =
          settings.network().listen().stream()
              .map(Multiaddr::parse)
              .flatMap(address -> address.value(Protocol.TCP).stream())
              .filter(port -> port.matches("[1-9][0-9]*"))
              .map(port -> PortOwner.words(Integer.parseInt(port)))
              .filter(words -> !words.isEmpty())
              .findFirst()
              .orElse("");
      throw new AtollException(
          ErrorCode.CONFLICT,
          e.getMessage() + owner,
          "choose another address for peers with --listen /ip4/0.0.0.0/tcp/PORT; port 0 = any free"
              + " one",
          e);
    }
  }

  /// What the roles of this daemon say to peers, and want to hear of them.
  private static void advertise(
      Adverts adverts,
      @Nullable Hub hub,
      @Nullable Provider provider,
      Host host,
      DaemonSettings settings,
      VersionView version) {
    if (hub != null) {
      adverts.search(AdvertKind.PROVIDER);
    }
    if (!settings.network().advertise()) {
      return;
    }
    if (provider != null) {
      adverts.advertise(AdvertKind.PROVIDER, () -> provider.advert(host.listening()));
    }
    if (hub != null) {
      adverts.advertise(
          AdvertKind.HUB,
          () -> AdvertData.OfHub.of(settings.name(), version.version(), host.listening()));
    }
  }

  /// How other machines reach this one, as far as it knows itself.
  private static String ownAddress() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(one -> one instanceof Inet4Address && !one.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElse("127.0.0.1");
  }

  /// A gate is a member on this very node.
  private static HubGates.Seats seats(Hub hub, PeerId self) {
    return new HubGates.Seats() {
      @Override
      public Optional<Membership> membership(String network) {
        return hub.membership(network);
      }

      @Override
      public void take(String network, String holder, String name) throws InterruptedException {
        hub.takeSeat(network, SeatRow.Kind.GATE, holder, name, self, null);
      }
    };
  }

  private static RestServer api(
      HubApi hub,
      ProviderApi provider,
      Peers peers,
      AdvertsApi adverts,
      GateNetworks networks,
      DaemonSettings settings,
      VersionView version,
      PrometheusMeterRegistry metrics) {
    RestSettings rest =
        new RestSettings(settings.api(), Set.of(), settings.dataDir(), version, metrics);
    try {
      return RestServer.start(hub, provider, peers, adverts, networks, rest);
    } catch (AtollException e) {
      String owner =
          e.code() == ErrorCode.CONFLICT ? PortOwner.words(settings.api().getPort()) : "";
      throw owner.isEmpty() ? e : new AtollException(e.code(), e.text() + owner, e.hint(), e);
    }
  }

  /// A daemon that joined before goes on with what it knows where the hub does not answer now: a
  /// unit file may name the invite for ever.
  private static void join(Provider provider, Invite invite) throws InterruptedException {
    try {
      var _ = provider.join(invite);
    } catch (AtollException e) {
      if (e.code() != ErrorCode.UNREACHABLE || !provider.knows(invite.hub())) {
        throw e;
      }
      LOG.info("{} was joined before: {}", invite.hub(), e.text());
    }
  }

  private Hub hub(
      Path dataDir, Identity identity, Host host, VersionView version, ApiAddress address)
      throws IOException, InterruptedException {
    Reserve reserve = Reserve.of(dataDir);
    Store store = opened(store(dataDir, reserve));
    Hub hub =
        opened(
            new Hub(
                HubConfig.defaults(version.version()),
                identity,
                host,
                store,
                reserve,
                address::get));
    hub.start();
    opened(AuditEnds.start(dataDir, hub.audit(), version.version()));
    String known = LocalKey.read(dataDir).orElse("");
    if (hub.authenticate(known).isEmpty()) {
      LocalKey.write(dataDir, hub.createKey("local"));
    }
    return hub;
  }

  /// On a full disk the reserve makes room for it.
  private static Store store(Path dataDir, Reserve reserve) {
    try {
      return SqliteStore.open(dataDir);
    } catch (StoreException e) {
      if (e.code() != ErrorCode.DISK_FULL || !reserve.giveUp()) {
        throw e;
      }
      return SqliteStore.open(dataDir);
    }
  }

  private Provider provider(
      DaemonSettings settings, @Nullable NetworkDesk desk, Host host, VersionView version)
      throws IOException, InterruptedException {
    Path runs = settings.dataDir().resolve("runs");
    Files.createDirectories(runs);
    Drivers drivers = opened(Drivers.of(settings));
    Resources share = settings.share();
    ProviderConfig config =
        new ProviderConfig(
            settings.name(),
            version.version(),
            ThisMachine.os(),
            ThisMachine.arch(),
            share != null ? share : ThisMachine.share(runs),
            drivers.available(),
            drivers.missing(),
            settings.labels(),
            ThisMachine.bootId(),
            drivers.deep(),
            desk == null ? Networking.NONE : drivers.networking(desk.host()));
    List<String> allowed = new ArrayList<>(TaskMapping.DRIVERS);
    allowed.addAll(settings.runtimes().keySet());
    Terms terms = new Terms(allowed, settings.bare(), settings.egress());
    Journal journal = opened(FileJournal.open(settings.dataDir()));
    Payments payments = payments(settings);
    Provider provider =
        opened(new Provider(host, journal, drivers.drivers(), config, terms, runs, payments, desk));
    drivers.pulls().to(provider::pulling);
    drivers.images().keepOnly(provider.journalled());
    provider.onEnded(drivers.images()::give);
    drivers
        .phases()
        .to(
            (run, phase) -> {
              if (phase.kind() != VmPhase.Kind.ENDED) {
                provider.phase(run, phase.text()); // an end is told as the run's exit
              }
            });
    Reclaimed reclaimed = new Reclaimed(settings.dataDir());
    Reclaim reclaim = opened(new Reclaim(drivers, provider.journalled(), reclaimed));
    provider.start();
    reclaim.start();
    opened(new EngineWatch(drivers, provider, reclaimed)).start();
    opened(
            new OwnerWatch(
                settings.owner(), settings.thresholds(), provider, runs, drivers::cpuNanos))
        .start();
    return provider;
  }

  /// How other nodes get packets here, and through here.
  private void ways(
      NetworkDesk desk, PeerNetwork network, @Nullable Hub hub, DaemonSettings settings) {
    NodeNetworks nodes = desk.nodes();
    if (settings.net().relay().consents(hub != null)) {
      var _ =
          nodes.passOn(
              peer -> nodes.knows(peer) || (hub != null && isNodeOf(hub, peer)),
              RelayLimits.defaults());
    }
    if (settings.network().surroundings().portMapping()) {
      opened(MappedSocket.start(network.host(), desk.port(), nodes::mapped));
    }
  }

  private static boolean isNodeOf(Hub hub, PeerId peer) {
    return hub.nodes().stream().anyMatch(node -> node.id().equals(peer));
  }

  /// @return null where there can be none: the daemon does all else that it can
  private @Nullable NetworkDesk desk(DaemonSettings settings, Identity identity, Host host) {
    try {
      NetworkDesk desk =
          opened(
              NetworkDesk.open(
                  settings.dataDir().resolve("networks"),
                  identity,
                  host,
                  settings.net().port(),
                  settings.net().host()));
      // Whoever lets tasks out lets networks out, as far as those allow it themselves.
      desk.nodes().outside(settings.egress() ? Outside.INTERNET : Outside.NOTHING);
      return desk;
    } catch (IOException e) {
      LOG.warn("this node takes no part in private networks: {}", e.getMessage());
      return null;
    }
  }

  private Payments payments(DaemonSettings settings) throws IOException {
    EthereumTerms terms = settings.payments();
    if (terms == null) {
      return Payments.none();
    }
    SpentPayments spent = opened(SpentPayments.open(settings.dataDir().resolve("payments")));
    return Payments.of(opened(new EthereumPayments(terms)), spent);
  }

  private static String localSecret(Path dataDir) throws IOException {
    String known = LocalKey.read(dataDir).orElse("");
    if (known.isEmpty()) {
      known = Secrets.secret();
      LocalKey.write(dataDir, known);
    }
    return known;
  }

  public Bound bound() {
    Bound known = bound;
    if (known == null) {
      throw new IllegalStateException("the daemon is not open");
    }
    return known;
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  /// Ends the daemon; what it runs goes on.
  @Override
  public void close() {
    List<Exception> failures = new ArrayList<>();
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      LOG.warn("not everything closed cleanly", failures.getFirst());
    }
  }

  /// The API's address, which is known only once it is served; the hub needs it before.
  private static final class ApiAddress {
    private volatile @Nullable String url;

    void set(String bound) {
      url = bound;
    }

    String get() {
      String now = url;
      return now == null ? "" : now;
    }
  }
}
