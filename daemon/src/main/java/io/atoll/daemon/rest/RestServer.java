package io.atoll.daemon.rest;

import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.gate.GateDoor;
import io.atoll.daemon.gate.GateNetworks;
import io.atoll.daemon.golem.Golem;
import io.atoll.daemon.hub.AuditDesk;
import io.atoll.daemon.hub.Caller;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.peers.AdvertsApi;
import io.atoll.daemon.peers.PeersApi;
import io.atoll.daemon.provider.ProviderApi;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.unlimited.UnlimitedPeers;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Serves the REST API of a daemon: one table of routes, one server. Its threads are virtual;
/// closing it ends open streams at once and waits a moment for the rest.
public final class RestServer implements AutoCloseable {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);
  private static final int MOST_CONNECTIONS = 4096;

  /// How much of a body that was refused is read and thrown away, so that a caller who is still
  /// sending reads the answer instead of a broken connection.
  private static final long DISCARDED = 16L << 20;

  private static final Duration DISCARD_PATIENCE = Duration.ofSeconds(5);

  /// Held here: the logging system forgets levels of loggers that nobody holds. What
  /// Helidon says at INFO is about itself.
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  private final WebServer server;
  private final LiveStreams live;
  private final Golem golem;
  private final InetAddress address;

  private RestServer(WebServer server, LiveStreams live, Golem golem, InetAddress address) {
    this.server = server;
    this.live = live;
    this.golem = golem;
    this.address = address;
  }

  /// Listens and serves.
  ///
  /// @throws AtollException CONFLICT if the address cannot be listened on
  public static RestServer start(
      HubApi hub,
      ProviderApi provider,
      PeersApi peers,
      AdvertsApi adverts,
      GateNetworks networks,
      RestSettings settings) {
    HELIDON.setLevel(Level.WARNING);
    LiveStreams live = new LiveStreams();
    Golem golem = new Golem(hub);
    Gate gate = new Gate(hub, settings.hostNames());
    AuditDesk audit = hub.audit();
    settings.metrics().gauge("atoll.http.streams", live, LiveStreams::count);
    InetSocketAddress listen = settings.listen();
    WebServer server =
        WebServer.builder()
            .address(listen.getAddress())
            .port(listen.getPort())
            .shutdownHook(false)
            .shutdownGracePeriod(STOP_PATIENCE)
            .maxTcpConnections(MOST_CONNECTIONS)
            .maxPayloadSize(DISCARDED)
            .featuresDiscoverServices(false)
            .mediaContext(MediaContext.builder().mediaSupportsDiscoverServices(false).build())
            .contentEncoding(
                ContentEncodingContext.builder().contentEncodingsDiscoverServices(false).build())
            // Ours alone: among several, a request that is no HTTP would be answered by none.
            .protocolsDiscoverServices(false)
            .addConnectionSelector(
                Http1ConnectionSelector.builder()
                    .config(Http1Config.create())
                    .addUpgrader(new ExecUpgrade(hub, gate, live))
                    .addUpgrader(
                        new GateUpgrade(new GateDoor(networks), gate, audit, live, golem.gates()))
                    .build())
            .directHandlers(Unrouted.handlers())
            .routing(
                routing ->
                    register(
                        routing,
                        gate,
                        audit,
                        routes(hub, provider, peers, adverts, settings, live, golem),
                        settings))
            .build();
    probe(listen);
    server.start();
    if (!server.isRunning()) {
      throw cannotListen(listen, null);
    }
    return new RestServer(server, live, golem, listen.getAddress());
  }

  /// Helidon logs a failure to bind and goes on without; so the bind is tried first, for its
  /// cause.
  private static void probe(InetSocketAddress listen) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(listen);
    } catch (IOException e) {
      throw cannotListen(listen, e);
    }
  }

  private static AtollException cannotListen(
      InetSocketAddress listen, @Nullable IOException cause) {
    String reason = cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage();
    return new AtollException(
        ErrorCode.CONFLICT,
        "cannot listen on " + listen.getHostString() + ":" + listen.getPort() + reason,
        reason.contains("assign requested address")
            ? "that is no address of this machine: choose one with --api HOST:PORT"
            : "another program may use that port: choose one with --api HOST:PORT, 0 = any free one",
        cause);
  }

  /// Every route, in the order of the contract.
  static List<Route> routes(
      HubApi hub,
      ProviderApi provider,
      PeersApi peers,
      AdvertsApi adverts,
      RestSettings settings,
      LiveStreams live,
      Golem golem) {
    List<Route> routes = new ArrayList<>();
    routes.addAll(new TaskResource(hub).routes());
    routes.addAll(new LogResource(hub, live).routes());
    routes.addAll(new ExecResource(hub).routes());
    routes.addAll(new StatsResource(hub, live).routes());
    routes.addAll(new SnapshotResource(hub).routes());
    routes.addAll(new EventResource(hub, live).routes());
    routes.addAll(new NodeResource(hub).routes());
    routes.addAll(new MachineResource(hub).routes());
    routes.addAll(new UnlimitedResource(new UnlimitedPeers(hub)).routes());
    routes.addAll(
        new HubResource(
                provider,
                peers.network(),
                new OwnersOnly(peers::isOwner, "the hubs of this machine"))
            .routes());
    routes.addAll(new PeerResource(peers).routes());
    OwnersOnly owners = new OwnersOnly(peers::isOwner, "this daemon's connections to peers");
    routes.addAll(new NetworkResource(peers.network(), owners).routes());
    routes.addAll(new AdvertResource(adverts).routes());
    routes.addAll(new PrivateNetworkResource(hub, peers).routes());
    routes.addAll(new GateResource().routes());
    routes.addAll(new GolemNetResource(golem.nets()).routes());
    routes.addAll(new GolemMarketResource(golem.market(), golem.activities()).routes());
    routes.addAll(new GolemActivityResource(golem.activities()).routes());
    routes.addAll(new InviteResource(hub).routes());
    routes.addAll(new AppResource(hub, live).routes());
    routes.addAll(
        new AuditResource(hub, new OwnersOnly(peers::isOwner, "records of who did what")).routes());
    routes.addAll(
        new BackupResource(hub, new OwnersOnly(peers::isOwner, "backups"), settings.scratch())
            .routes());
    routes.addAll(new ServiceResource(hub, settings).routes());
    return routes;
  }

  private static void register(
      HttpRouting.Builder routing,
      Gate gate,
      AuditDesk audit,
      List<Route> routes,
      RestSettings settings) {
    for (Route route : routes) {
      Timer timer =
          Timer.builder("atoll.http.requests")
              .description("Requests, by route; a stream counts until it ends")
              .tag("method", route.method().text())
              .tag("route", route.path())
              .register(settings.metrics());
      routing.route(
          route.method(),
          route.path(),
          (request, response) -> {
            timer.record(() -> serve(gate, audit, route, request, response));
            closeIfAsked(request);
          });
    }
    routing.any(
        (request, response) -> {
          serve(gate, audit, null, request, response);
          closeIfAsked(request);
        });
  }

  /// Helidon leaves the closing to the caller; HTTP/1.1 (RFC 9112, 9.6) asks it of the server.
  private static void closeIfAsked(ServerRequest request) {
    if (request.headers().contains(HeaderNames.CONNECTION)
        && request.headers().get(HeaderNames.CONNECTION).get().equalsIgnoreCase("close")) {
      throw new CloseConnectionException("the caller asked for it");
    }
  }

  /// @param route null where no route matches
  private static void serve(
      Gate gate,
      AuditDesk audit,
      @Nullable Route route,
      ServerRequest request,
      ServerResponse response) {
    Caller caller = Gate.stranger(request);
    try {
      gate.checkAddressed(request);
      if (route == null) {
        throw new AtollException(
            ErrorCode.NOT_FOUND,
            "nothing is served for "
                + request.prologue().method().text()
                + " "
                + Shown.quoted(request.path().rawPath()),
            "the contract is at /openapi.json");
      }
      KeyRow key = gate.authenticate(request, route.access());
      caller = key == null ? caller : Caller.key(key.id());
      Call call = new Call(request, response, key, route, audit);
      caller.call(
          () -> {
            route.answer(call);
            return true;
          });
    } catch (CloseConnectionException e) {
      throw e;
    } catch (Exception e) {
      if (response.isSent() || response.bytesWritten() > 0) {
        // The answer is under way: breaking the connection is the one way to say that it failed.
        // The usual reason is that the caller went away.
        throw new CloseConnectionException("the answer broke off", e);
      }
      if (route != null) {
        tell(audit, caller, route, request, e);
      }
      refuse(request, response, e);
    }
  }

  /// Puts a refusal on record that says who may do what. Others are of no consequence.
  private static void tell(
      AuditDesk audit, Caller caller, Route route, ServerRequest request, Exception thrown) {
    if (!(thrown instanceof AtollException refusal)) {
      return;
    }
    switch (refusal.code()) {
      case UNAUTHENTICATED, DENIED, INVITE_INVALID -> {
        try {
          caller.call(
              () -> {
                audit.tellOften(route.words(), Call.object(request), refusal.code().name());
                return true;
              });
        } catch (InterruptedException stopping) {
          Thread.currentThread().interrupt();
        }
      }
      default -> {}
    }
  }

  private static void refuse(ServerRequest request, ServerResponse response, Exception thrown) {
    boolean unread = request.content().hasEntity() && !request.content().consumed();
    if (unread) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    Problems.send(request, response, thrown);
    if (unread) {
      if (thrown instanceof AtollException e && e.code() == ErrorCode.TOO_LARGE) {
        discard(request);
      }
      throw new CloseConnectionException("the rest of the body is not wanted");
    }
  }

  private static void discard(ServerRequest request) {
    long deadline = System.nanoTime() + DISCARD_PATIENCE.toNanos();
    try (InputStream rest = request.content().inputStream()) {
      byte[] nowhere = new byte[16 << 10]; // to skip may end at the border of a chunk
      long left = DISCARDED;
      while (left > 0 && System.nanoTime() < deadline) {
        int read = rest.read(nowhere);
        if (read < 0) {
          return;
        }
        left -= read;
      }
    } catch (IOException | RuntimeException e) {
      // The answer is sent; what becomes of the rest is of no interest.
    }
  }

  /// Where it listens, with the port that was bound.
  public InetSocketAddress address() {
    return new InetSocketAddress(address, server.port());
  }

  /// Where callers on this machine reach it.
  public URI uri() {
    InetAddress host = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
    String text = host.getHostAddress();
    return URI.create(
        "http://" + (text.indexOf(':') < 0 ? text : "[" + text + "]") + ":" + server.port());
  }

  @Override
  public void close() {
    live.close();
    golem.close();
    server.stop();
  }
}
