package io.atoll.p2p.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.HostWatcher;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.identify.Identified;
import io.atoll.p2p.relay.RelayMessage.Protocol;
import io.atoll.p2p.transport.Connection;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens at some relays among the peers of this node for as long as nobody can dial it. A relay
/// that was lost is tried again by its listener; one that refused is not asked again.
public final class RelaySeeker {
  private static final Logger log = LoggerFactory.getLogger(RelaySeeker.class);
  private static final int MAX_CANDIDATES = 64;

  private final NetworkHost host;
  private final int wanted;

  // Under the lock of this object.
  private final SequencedSet<PeerId> candidates = new LinkedHashSet<>();
  private final Set<PeerId> used = new HashSet<>();
  private int places;
  private boolean seeking;

  private RelaySeeker(NetworkHost host, int wanted) {
    this.host = host;
    this.wanted = wanted;
  }

  /// Looks at peers from now on, and does nothing more until [#seek].
  ///
  /// @param wanted relays to listen at; the host has a [CircuitTransport]
  public static RelaySeeker start(NetworkHost host, int wanted) {
    RelaySeeker seeker = new RelaySeeker(host, wanted);
    host.watch(
        new HostWatcher() {
          @Override
          public void identified(PeerId peer, Identified said) {
            if (said.protocols().contains(Protocol.HOP.id())) {
              seeker.found(peer);
            }
          }
        });
    return seeker;
  }

  /// This node turned out to need relays. Places that it has are kept when it does not any more.
  public void seek() {
    synchronized (this) {
      seeking = true;
    }
    next();
  }

  private void found(PeerId peer) {
    synchronized (this) {
      if (used.contains(peer) || !candidates.add(peer)) {
        return;
      }
      if (candidates.size() > MAX_CANDIDATES) {
        candidates.removeFirst();
      }
    }
    next();
  }

  private void next() {
    PeerId relay;
    synchronized (this) {
      if (!seeking || places >= wanted || candidates.isEmpty()) {
        return;
      }
      relay = candidates.removeFirst();
      used.add(relay);
      places++;
    }
    Thread.ofVirtual().name("relay-seek").start(() -> listenAt(relay));
  }

  private void listenAt(PeerId relay) {
    try {
      Optional<Connection> direct = host.swarm().connection(relay).filter(c -> !c.limited());
      if (direct.isEmpty()) {
        throw new IOException("it is not connected any more");
      }
      Multiaddr place = CircuitAddress.through(dialled(direct.get()), relay);
      host.swarm().listen(place);
      log.debug("listening at {}", place);
    } catch (IOException e) {
      log.debug("relay {} gives no place: {}", relay, e.getMessage());
      synchronized (this) {
        places--;
      }
    }
    next();
  }

  /// Where the relay listens: the port that it dialled from leads nowhere.
  private Multiaddr dialled(Connection connection) throws IOException {
    return switch (connection.role()) {
      case INITIATOR -> connection.remoteAddress();
      case RESPONDER ->
          host.peers().addresses(connection.remote()).stream()
              .filter(address -> !CircuitAddress.isRelayed(address))
              .findFirst()
              .orElseThrow(() -> new IOException("it does not say where it listens"));
    };
  }
}
