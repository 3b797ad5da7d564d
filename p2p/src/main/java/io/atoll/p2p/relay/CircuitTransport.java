package io.atoll.p2p.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.relay.RelayMessage.Protocol;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The client's side: dials peers over relays, and listens at relays by reserving a place there.
public final class CircuitTransport implements Transport {
  private static final Duration REQUEST = Duration.ofSeconds(30);

  private final NetworkHost host;

  /// By relay; each listens at one.
  private final Map<PeerId, CircuitListener> listeners = new ConcurrentHashMap<>();

  private CircuitTransport(NetworkHost host) {
    this.host = host;
  }

  /// From now on the host dials `…/p2p-circuit/p2p/…`, and may listen on `…/p2p/RELAY/p2p-circuit`.
  public static void attach(NetworkHost host) {
    CircuitTransport transport = new CircuitTransport(host);
    host.handleOn(Protocol.STOP.id(), transport::stop);
    host.swarm().add(transport);
  }

  @Override
  public boolean handles(Multiaddr address) {
    return CircuitAddress.of(address).isPresent();
  }

  @Override
  public Connection dial(Multiaddr address, DialOptions options)
      throws DialException, InterruptedException {
    CircuitAddress circuit =
        CircuitAddress.of(address)
            .orElseThrow(() -> new DialException("that is no address through a relay"));
    PeerId relay = circuit.relay();
    if (relay.equals(host.id()) || relay.equals(options.expected())) {
      throw new DialException("a relay does not lead to itself");
    }
    try {
      host.connect(relay, reach(circuit), options.timeout());
      Stream stream = host.open(relay, Protocol.HOP.id());
      try (var deadline = new Deadline(options.timeout(), stream::reset)) {
        RelayMessage.connect(options.expected(), CircuitLimit.NONE)
            .write(Protocol.HOP, stream.out());
        RelayMessage answer = RelayMessage.read(Protocol.HOP, stream.in());
        if (answer.type() != RelayMessage.Type.STATUS || answer.status() != Status.OK) {
          throw new DialException("the relay answers " + answer.status());
        }
        Connection connection =
            host.upgrader()
                .upgrade(
                    new StreamWire(stream),
                    Role.INITIATOR,
                    options.expected(),
                    CircuitAddress.through(circuit.via(), relay),
                    CircuitAddress.through(circuit.via(), relay)
                        .withPeer(options.expected().text()));
        deadline.close();
        if (deadline.fired()) {
          throw new DialException("no answer over the relay in " + options.timeout());
        }
        return new RelayedConnection(connection);
      } catch (IOException e) {
        stream.reset();
        throw e;
      }
    } catch (DialException e) {
      throw e;
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while dialling " + address);
      }
      throw new DialException("over relay " + relay + ": " + e.getMessage(), e);
    }
  }

  /// Reserves a place at the relay, and keeps it for as long as the listener is open.
  ///
  /// @throws IOException if the relay cannot be reached or refuses
  @Override
  public Listener listen(Multiaddr address) throws IOException {
    CircuitAddress circuit =
        CircuitAddress.of(address)
            .filter(where -> where.target().isEmpty())
            .orElseThrow(() -> new IOException("one cannot listen on " + address));
    CircuitListener listener = new CircuitListener(host, circuit, listeners::remove);
    CircuitListener other = listeners.putIfAbsent(circuit.relay(), listener);
    if (other != null) {
      throw new IOException("this node listens at relay " + circuit.relay() + " already");
    }
    try {
      listener.start();
      return listener;
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  static List<String> reach(CircuitAddress circuit) {
    // An address that is nothing but the relay's id: whatever is known of it.
    return circuit.via().parts().size() == 1 ? List.of() : List.of(circuit.via().toString());
  }

  /// A relay brings somebody who wants to talk to this node.
  private void stop(Connection connection, Stream stream) throws IOException, InterruptedException {
    PeerId relay = connection.remote();
    StreamWire wire = new StreamWire(stream);
    try (var _ = new Deadline(REQUEST, stream::reset)) {
      RelayMessage request;
      try {
        request = RelayMessage.read(Protocol.STOP, stream.in());
      } catch (ProtocolException e) {
        answer(stream, Status.MALFORMED_MESSAGE);
        return;
      }
      if (request.type() != RelayMessage.Type.CONNECT || request.peer().isEmpty()) {
        answer(
            stream,
            request.peer().isEmpty() ? Status.MALFORMED_MESSAGE : Status.UNEXPECTED_MESSAGE);
        return;
      }
      CircuitListener listener = listeners.get(relay);
      if (listener == null || connection.limited()) {
        answer(stream, Status.PERMISSION_DENIED);
        return;
      }
      PeerId from = request.peer().get();
      Multiaddr remote = CircuitAddress.through(connection.remoteAddress(), relay);
      if (!host.upgrader().accepts(remote.withPeer(from.text()))) {
        answer(stream, Status.PERMISSION_DENIED);
        return;
      }
      answer(stream, Status.OK);
      // The relay may lie about who it is: the handshake shows who is there.
      Connection upgraded =
          host.upgrader()
              .upgrade(
                  wire, Role.RESPONDER, from, listener.address(), remote.withPeer(from.text()));
      listener.arrived(new RelayedConnection(upgraded));
    }
    // The stream lives as long as this call.
    wire.awaitClosed();
  }

  private static void answer(Stream stream, Status status) throws IOException {
    RelayMessage message =
        status == Status.OK
            ? RelayMessage.granted(Optional.empty(), CircuitLimit.NONE)
            : RelayMessage.status(status);
    message.write(Protocol.STOP, stream.out());
  }
}
