package io.atoll.p2p.relay;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Multiaddr.Part;
import io.atoll.p2p.host.HostWatcher;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.relay.RelayMessage.Protocol;
import io.atoll.p2p.relay.RelayMessage.Reservation;
import io.atoll.p2p.swarm.Refusals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Relays for others, within limits: a node does so only where its owner consents.
public final class RelayService {
  private static final Logger log = LoggerFactory.getLogger(RelayService.class);
  private static final Duration REQUEST = Duration.ofSeconds(30);
  private static final String TAG = "relay-reservation";

  private final NetworkHost host;
  private final Identity identity;
  private final RelayLimits limits;
  private final Refusals refusals = new Refusals();

  // Under the lock of this object.
  private final ReservationBook book;

  private RelayService(NetworkHost host, Identity identity, RelayLimits limits) {
    this.host = host;
    this.identity = identity;
    this.limits = limits;
    this.book = new ReservationBook(limits);
  }

  /// Serves from now on, until the host closes.
  ///
  /// @param identity that of the host, which signs vouchers
  public static RelayService start(NetworkHost host, Identity identity, RelayLimits limits) {
    RelayService service = new RelayService(host, identity, limits);
    host.watch(
        new HostWatcher() {
          @Override
          public void closed(Connection connection) {
            service.left(connection.remote());
          }
        });
    host.handleOn(Protocol.HOP.id(), service::hop);
    return service;
  }

  public synchronized int reservations() {
    return book.reservations();
  }

  public synchronized int circuits() {
    return book.circuits();
  }

  /// How often something was refused, by the name of its status.
  public Refusals refusals() {
    return refusals;
  }

  private void left(PeerId peer) {
    boolean here = host.swarm().connection(peer).filter(left -> !left.limited()).isPresent();
    if (!here) {
      synchronized (this) {
        book.drop(peer);
      }
      host.swarm().tags().unprotect(peer, TAG);
    }
  }

  private void hop(Connection connection, Stream stream) throws IOException, InterruptedException {
    RelayMessage request;
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      request = RelayMessage.read(Protocol.HOP, stream.in());
    } catch (ProtocolException e) {
      refuse(stream, Status.MALFORMED_MESSAGE);
      return;
    }
    switch (request.type()) {
      case RESERVE -> reserve(connection, stream);
      case CONNECT -> connect(connection, stream, request);
      case STATUS -> refuse(stream, Status.UNEXPECTED_MESSAGE);
    }
  }

  private void reserve(Connection connection, Stream stream) throws IOException {
    if (connection.limited()) {
      refuse(stream, Status.PERMISSION_DENIED);
      return;
    }
    PeerId peer = connection.remote();
    Part from = connection.remoteAddress().parts().getFirst();
    Instant now = Instant.now();
    Status status;
    Instant expires;
    synchronized (this) {
      status = book.reserve(peer, from.value(), now);
      expires = book.expires(peer);
    }
    if (status != Status.OK) {
      refuse(stream, status);
      return;
    }
    host.swarm().tags().protect(peer, TAG);
    List<Multiaddr> own =
        host.listening().stream()
            .map(Multiaddr::parse)
            .filter(address -> !CircuitAddress.isRelayed(address))
            .limit(16)
            .toList();
    RelayMessage.granted(
            Optional.of(new Reservation(expires, own, Voucher.sign(identity, peer, expires))),
            limits.circuit())
        .write(Protocol.HOP, stream.out());
  }

  private void connect(Connection connection, Stream stream, RelayMessage request)
      throws IOException, InterruptedException {
    if (request.peer().isEmpty()) {
      refuse(stream, Status.MALFORMED_MESSAGE);
      return;
    }
    PeerId from = connection.remote();
    PeerId to = request.peer().get();
    if (connection.limited() || from.equals(to) || to.equals(host.id())) {
      refuse(stream, Status.PERMISSION_DENIED);
      return;
    }
    Status status;
    synchronized (this) {
      status = book.begin(from, to, Instant.now());
    }
    if (status != Status.OK) {
      refuse(stream, status);
      return;
    }
    try (Stream far = stop(from, to)) {
      RelayMessage.granted(Optional.empty(), limits.circuit()).write(Protocol.HOP, stream.out());
      new Circuit(stream, far, limits.circuit()).run();
    } catch (IOException e) {
      log.debug("no circuit from {} to {}: {}", from, to, e.getMessage());
      refuse(stream, Status.CONNECTION_FAILED);
    } finally {
      synchronized (this) {
        book.end(from, to);
      }
    }
  }

  /// Asks who reserved whether it takes the circuit.
  private Stream stop(PeerId from, PeerId to) throws IOException, InterruptedException {
    Stream stream = host.open(to, Protocol.STOP.id());
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      RelayMessage.connect(from, limits.circuit()).write(Protocol.STOP, stream.out());
      RelayMessage answer = RelayMessage.read(Protocol.STOP, stream.in());
      if (answer.type() != RelayMessage.Type.STATUS || answer.status() != Status.OK) {
        throw new IOException("the peer answers " + answer.status());
      }
      return stream;
    } catch (IOException e) {
      stream.reset();
      throw e;
    }
  }

  private void refuse(Stream stream, Status status) throws IOException {
    refusals.count("relay-" + status.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    RelayMessage.status(status).write(Protocol.HOP, stream.out());
  }
}
