package io.atoll.p2p.host;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.identify.Identify;
import io.atoll.p2p.muxer.yamux.Yamux;
import io.atoll.p2p.negotiate.Multistream;
import io.atoll.p2p.peer.PeerStore;
import io.atoll.p2p.ping.Ping;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.security.noise.Noise;
import io.atoll.p2p.security.tls.HostCertificate;
import io.atoll.p2p.security.tls.Tls;
import io.atoll.p2p.swarm.FilteredGater;
import io.atoll.p2p.swarm.Gater;
import io.atoll.p2p.swarm.Swarm;
import io.atoll.p2p.transport.Admission;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.HandshakeFailure;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.quic.QuicTransport;
import io.atoll.p2p.transport.tcp.TcpTransport;
import io.atoll.p2p.transport.ws.WebSocketTransport;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host: a swarm, and the protocols served on its streams.
final class LiveHost implements NetworkHost {
  private static final Logger log = LoggerFactory.getLogger(LiveHost.class);
  private static final String PROTOCOL_VERSION = "atoll/1.0.0";
  private static final Duration NEGOTIATION = Duration.ofSeconds(10);

  private final HostConfig config;
  private final Identity identity;
  private final Map<String, ConnectionHandler> handlers = new ConcurrentHashMap<>();
  private final OpenStreams streams = new OpenStreams();
  private final Pinger pinger = new Pinger(this);
  private final PeerStore peers;
  private final Identification identification;
  private final Gater gater;
  private final Upgrader upgrader;
  private final Swarm swarm;
  private final Set<Multiaddr.Part> named = ConcurrentHashMap.newKeySet();
  private volatile List<Multiaddr> besides = List.of();

  LiveHost(HostConfig config, PeerStore peers) {
    this.config = config;
    this.identity = config.identity();
    this.peers = peers;
    this.gater = new FilteredGater(config.gater(), this::dialled);
    Supplier<HostCertificate> certificate = HostCertificate.whenNeeded(identity);
    List<Security> securities =
        config.stack().securities().stream()
            .map(
                name ->
                    switch (name) {
                      case NOISE -> new Noise(identity);
                      case TLS -> new Tls(certificate);
                    })
            .toList();
    Admission admission = gate();
    this.upgrader =
        new Upgrader(
            securities,
            new Yamux(config.yamux()),
            admission,
            config.stack().network().orElse(null));
    this.swarm =
        new Swarm(
            identity.id(),
            transports(upgrader, certificate, admission),
            gater,
            config.limits(),
            config.watermarks(),
            this::serve);
    this.identification = new Identification(identity, peers, this::self, this::open);
    swarm.watch(identification);
    swarm.watch(streams);
    handlers.put(Ping.PROTOCOL, (_, stream) -> Ping.serve(stream.in(), stream.out()));
    handlers.put(Identify.PROTOCOL, identification::answer);
    handlers.put(Identify.PUSH_PROTOCOL, identification::takePush);
  }

  private boolean dialled(Multiaddr address) {
    return named.contains(address.parts().getFirst()) || config.addresses().allows(address);
  }

  /// QUIC has packets of its own, which no private network hides.
  private List<Transport> transports(
      Upgrader upgrader, Supplier<HostCertificate> certificate, Admission admission) {
    List<Transport> transports = new ArrayList<>();
    transports.add(new TcpTransport(upgrader, config.handshakes()));
    transports.add(new WebSocketTransport(upgrader, config.handshakes()));
    if (config.stack().network().isEmpty()) {
      transports.add(new QuicTransport(certificate, config.handshakes(), admission));
    }
    return transports;
  }

  void listen(List<String> addresses) throws IOException {
    for (String address : addresses) {
      swarm.listen(Multiaddr.parse(address));
    }
  }

  @Override
  public PeerId id() {
    return identity.id();
  }

  @Override
  public List<String> listening() {
    return announced().stream().map(address -> address.withPeer(id().text()).toString()).toList();
  }

  private List<Multiaddr> announced() {
    SequencedSet<Multiaddr> all = new LinkedHashSet<>(Interfaces.spellOut(swarm.listening()));
    all.addAll(besides);
    return all.stream().filter(config.addresses()::allows).toList();
  }

  @Override
  public void reachedAlsoAt(List<Multiaddr> addresses) {
    besides = List.copyOf(addresses);
    selfChanged();
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    handleOn(protocol, (_, stream) -> handler.accept(stream));
  }

  @Override
  public void handleOn(String protocol, ConnectionHandler handler) {
    if (handlers.put(protocol, handler) == null) {
      selfChanged();
    }
  }

  @Override
  public void unhandle(String protocol) {
    if (handlers.remove(protocol) != null) {
      selfChanged();
    }
  }

  @Override
  public void selfChanged() {
    identification.changed(swarm::connections);
  }

  @Override
  public List<String> protocols() {
    return handlers.keySet().stream().sorted().toList();
  }

  @Override
  public List<OpenStream> streams() {
    return streams.all();
  }

  @Override
  public Upgrader upgrader() {
    return upgrader;
  }

  @Override
  public PeerStore peers() {
    return peers;
  }

  @Override
  public Identified identify(PeerId peer) throws IOException, InterruptedException {
    return identification.ask(connectionTo(peer));
  }

  @Override
  public Swarm swarm() {
    return swarm;
  }

  @Override
  public void watch(HostWatcher watcher) {
    swarm.watch(watcher);
    identification.watch(watcher);
  }

  @Override
  public void connect(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException {
    if (connected(peer)) {
      return;
    }
    List<String> known =
        addresses.isEmpty()
            ? peers.addresses(peer).stream().map(Multiaddr::toString).toList()
            : addresses;
    Connection connection = swarm.connect(peer, known, timeout);
    if (connection.role() == Role.INITIATOR) {
      peers.reached(peer, connection.remoteAddress());
    }
  }

  @Override
  public void named(List<String> addresses) {
    for (String address : addresses) {
      try {
        named.add(Multiaddr.parse(address).parts().getFirst());
      } catch (IllegalArgumentException e) {
        log.debug("{} is no address", address); // whoever dials it says so
      }
    }
  }

  @Override
  public boolean connected(PeerId peer) {
    return swarm.connection(peer).isPresent();
  }

  @Override
  public void watch(PeerWatch watch) {
    watch(
        new HostWatcher() {
          @Override
          public void opened(Connection connection) {
            tell(watch, connection);
          }

          @Override
          public void identified(PeerId peer, Identified said) {
            watch.identified(peer, said);
          }

          @Override
          public void closed(Connection connection) {
            if (!connected(connection.remote())) {
              watch.disconnected(connection.remote());
            }
          }
        });
    swarm.connections().forEach(connection -> tell(watch, connection));
  }

  private static void tell(PeerWatch watch, Connection connection) {
    watch.connected(
        connection.remote(), connection.remoteAddress(), connection.role() == Role.INITIATOR);
  }

  @Override
  public Stream open(PeerId peer, String protocol) throws IOException, InterruptedException {
    return open(connectionTo(peer), protocol);
  }

  private Connection connectionTo(PeerId peer) throws IOException {
    return swarm
        .connection(peer)
        .orElseThrow(() -> new IOException("peer " + peer + " is not connected"));
  }

  private Stream open(Connection connection, String protocol)
      throws IOException, InterruptedException {
    PeerId peer = connection.remote();
    MuxedStream stream = swarm.open(connection);
    try (var deadline = new Deadline(NEGOTIATION, stream::reset)) {
      try {
        Multistream.propose(stream.in(), stream.out(), List.of(protocol));
        return new HostStream(peer, protocol, stream, streams.opened(connection, protocol, false));
      } catch (IOException e) {
        stream.reset();
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while opening " + protocol);
        }
        String why = deadline.fired() ? "no answer in 10 s" : e.getMessage();
        throw new IOException("cannot open " + protocol + " to peer " + peer + ": " + why, e);
      }
    }
  }

  @Override
  public Duration ping(PeerId peer) throws IOException, InterruptedException {
    return pinger.ping(peer);
  }

  @Override
  public void disconnect(PeerId peer) {
    swarm.disconnect(peer);
  }

  @Override
  public void protect(PeerId peer, String tag) {
    swarm.tags().protect(peer, tag);
  }

  @Override
  public void unprotect(PeerId peer, String tag) {
    swarm.tags().unprotect(peer, tag);
  }

  @Override
  public void close() {
    swarm.close();
  }

  private void serve(Connection connection, MuxedStream stream) {
    String protocol = "";
    Runnable ended = () -> {};
    try {
      try (var _ = new Deadline(NEGOTIATION, stream::reset)) {
        protocol = Multistream.answer(stream.in(), stream.out(), handlers::containsKey);
      }
      ended = streams.opened(connection, protocol, true);
      var agreed = new HostStream(connection.remote(), protocol, stream, ended);
      ConnectionHandler handler = handlers.get(protocol);
      if (handler != null) {
        handler.accept(connection, agreed);
      }
      stream.close();
    } catch (IOException e) {
      log.debug("stream {} of {}: {}", protocol, connection.remote(), e.getMessage());
      stream.reset();
    } catch (InterruptedException e) {
      stream.reset();
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("the handler of {} failed: {}", protocol, e.toString());
      log.debug("the handler of {} failed", protocol, e);
      stream.reset();
    } finally {
      ended.run();
    }
  }

  private Admission gate() {
    return new Admission() {
      @Override
      public boolean accepts(Multiaddr address) {
        return counted("gater-accept", gater.accepts(address));
      }

      @Override
      public boolean admits(PeerId remote, Role role, Multiaddr address) {
        return counted("gater-admit", gater.admits(remote, role, address));
      }

      @Override
      public void outside(Multiaddr address) {
        swarm.refusals().count(Swarm.OUTSIDE_NETWORK);
      }

      @Override
      public void failed(HandshakeFailure failure) {
        swarm.refusals().count(failure.cause());
      }

      private boolean counted(String moment, boolean may) {
        if (!may) {
          swarm.refusals().count(moment);
        }
        return may;
      }
    };
  }

  private Identification.Self self() {
    return new Identification.Self(announced(), protocols(), PROTOCOL_VERSION, config.agent());
  }
}
