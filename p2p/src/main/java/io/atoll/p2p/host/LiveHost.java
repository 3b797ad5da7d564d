package io.atoll.p2p.host;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.identify.Identify;
import io.atoll.p2p.muxer.yamux.Yamux;
import io.atoll.p2p.negotiate.Multistream;
import io.atoll.p2p.ping.Ping;
import io.atoll.p2p.security.Security;
import io.atoll.p2p.security.noise.Noise;
import io.atoll.p2p.security.tls.HostCertificate;
import io.atoll.p2p.security.tls.Tls;
import io.atoll.p2p.swarm.Swarm;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.quic.QuicTransport;
import io.atoll.p2p.transport.tcp.TcpTransport;
import io.atoll.p2p.transport.ws.WebSocketTransport;
import io.atoll.p2p.upgrade.Upgrader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host: a swarm, and the protocols served on its streams.
final class LiveHost implements Host {
  private static final Logger log = LoggerFactory.getLogger(LiveHost.class);
  private static final String PROTOCOL_VERSION = "atoll/1.0.0";
  private static final Duration NEGOTIATION = Duration.ofSeconds(10);

  private final HostConfig config;
  private final Identity identity;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();
  private final Pinger pinger = new Pinger(this);
  private final Swarm swarm;

  LiveHost(HostConfig config) {
    this.config = config;
    this.identity = config.identity();
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
    var upgrader =
        new Upgrader(securities, new Yamux(config.yamux()), config.stack().network().orElse(null));
    this.swarm =
        new Swarm(
            identity.id(),
            transports(upgrader, certificate),
            config.gater(),
            config.maxInbound(),
            this::serve);
    handlers.put(Ping.PROTOCOL, stream -> Ping.serve(stream.in(), stream.out()));
    handlers.put(Identify.PUSH_PROTOCOL, this::takePush);
  }

  /// QUIC has packets of its own, which no private network hides.
  private List<Transport> transports(Upgrader upgrader, Supplier<HostCertificate> certificate) {
    List<Transport> transports = new ArrayList<>();
    transports.add(new TcpTransport(upgrader, config.handshakes()));
    transports.add(new WebSocketTransport(upgrader, config.handshakes()));
    if (config.stack().network().isEmpty()) {
      transports.add(new QuicTransport(certificate, config.handshakes()));
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
    return Interfaces.spellOut(swarm.listening()).stream()
        .map(address -> address.withPeer(id().text()).toString())
        .toList();
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
  }

  @Override
  public void connect(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException {
    if (connected(peer)) {
      return;
    }
    swarm.connect(peer, addresses, timeout);
  }

  @Override
  public boolean connected(PeerId peer) {
    return swarm.connection(peer).isPresent();
  }

  @Override
  public Stream open(PeerId peer, String protocol) throws IOException, InterruptedException {
    Connection connection =
        swarm
            .connection(peer)
            .orElseThrow(() -> new IOException("peer " + peer + " is not connected"));
    MuxedStream stream = connection.open();
    try (var deadline = new Deadline(NEGOTIATION, stream::reset)) {
      try {
        Multistream.propose(stream.in(), stream.out(), List.of(protocol));
        return new HostStream(peer, protocol, stream);
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
  public void close() {
    swarm.close();
  }

  private void serve(Connection connection, MuxedStream stream) {
    String protocol = "";
    try {
      try (var _ = new Deadline(NEGOTIATION, stream::reset)) {
        protocol =
            Multistream.answer(
                stream.in(),
                stream.out(),
                proposal -> proposal.equals(Identify.PROTOCOL) || handlers.containsKey(proposal));
      }
      var agreed = new HostStream(connection.remote(), protocol, stream);
      if (protocol.equals(Identify.PROTOCOL)) {
        Identify.write(agreed.out(), self(connection));
      } else {
        StreamHandler handler = handlers.get(protocol);
        if (handler != null) {
          handler.accept(agreed);
        }
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
    }
  }

  private Identified self(Connection connection) {
    List<String> protocols = new ArrayList<>(handlers.keySet());
    protocols.add(Identify.PROTOCOL);
    return new Identified(
        Optional.of(identity.publicKey()),
        Interfaces.spellOut(swarm.listening()),
        protocols.stream().sorted().toList(),
        Optional.of(connection.remoteAddress()),
        PROTOCOL_VERSION,
        config.agent());
  }

  /// A peer says that something about it changed. Nothing here depends on it yet: it is read, so
  /// that a peer that pushes is not told off.
  private void takePush(Stream stream) throws IOException {
    Identified said = Identify.read(stream.in());
    log.debug("{} is {} and speaks {}", stream.remote(), said.agentVersion(), said.protocols());
  }
}
