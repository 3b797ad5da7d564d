package io.atoll.p2p.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.relay.RelayMessage.Protocol;
import io.atoll.p2p.relay.RelayMessage.Reservation;
import io.atoll.p2p.transport.Arrivals;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Deadline;
import io.atoll.p2p.transport.Listener;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A place at one relay: reserved, refreshed at half its time, and reserved again when it was lost.
/// Its address is announced only while the place is there.
final class CircuitListener implements Listener {
  private static final Logger log = LoggerFactory.getLogger(CircuitListener.class);
  private static final Duration REQUEST = Duration.ofSeconds(10);
  private static final Duration BACKOFF = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String TAG = "relay";

  private final NetworkHost host;
  private final CircuitAddress circuit;
  private final PeerId relay;
  private final BiConsumer<PeerId, CircuitListener> atEnd;
  private final Arrivals arrivals = new Arrivals();

  // Under the lock of this object.
  private @Nullable Instant expires;
  private boolean closed;

  CircuitListener(
      NetworkHost host, CircuitAddress circuit, BiConsumer<PeerId, CircuitListener> atEnd) {
    this.host = host;
    this.circuit = circuit;
    this.relay = circuit.relay();
    this.atEnd = atEnd;
  }

  /// Returns once the place is reserved.
  void start() throws IOException {
    try {
      reserve();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while reserving a place at " + relay, e);
    }
    Thread.ofVirtual().name("relay-refresh").start(this::keep);
  }

  @Override
  public Multiaddr address() {
    return CircuitAddress.through(circuit.via(), relay);
  }

  @Override
  public synchronized boolean ready() {
    return !closed && expires != null;
  }

  void arrived(Connection connection) {
    if (!arrivals.add(connection)) {
      connection.close();
    }
  }

  @Override
  public Connection accept() throws IOException, InterruptedException {
    return arrivals.take();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    atEnd.accept(relay, this);
    host.swarm().tags().unprotect(relay, TAG);
    arrivals.close();
  }

  private void keep() {
    try {
      while (true) {
        if (!pause()) {
          return;
        }
        try {
          reserve();
        } catch (IOException e) {
          log.debug("no place at relay {} now: {}", relay, e.getMessage());
          lost();
          synchronized (this) {
            if (!closed) {
              wait(BACKOFF.toMillis());
            }
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Until the place needs to be reserved again, by its time or because its connection ended.
  ///
  /// @return whether this is still open
  private boolean pause() throws InterruptedException {
    Instant begun = Instant.now();
    while (true) {
      synchronized (this) {
        if (closed) {
          return false;
        }
        Instant until = expires;
        Instant now = Instant.now();
        if (until == null
            || !now.isBefore(begun.plus(Duration.between(begun, until).dividedBy(2)))) {
          return true;
        }
        wait(LOOK.toMillis());
      }
      if (!directlyConnected()) {
        lost();
      }
    }
  }

  private boolean directlyConnected() {
    return host.swarm().connection(relay).filter(found -> !found.limited()).isPresent();
  }

  private void lost() {
    boolean changed;
    synchronized (this) {
      changed = expires != null;
      expires = null;
    }
    if (changed) {
      host.selfChanged();
    }
  }

  private void reserve() throws IOException, InterruptedException {
    host.connect(relay, CircuitTransport.reach(circuit), REQUEST);
    try (Stream stream = host.open(relay, Protocol.HOP.id());
        var _ = new Deadline(REQUEST, stream::reset)) {
      RelayMessage.reserve().write(Protocol.HOP, stream.out());
      RelayMessage answer = RelayMessage.read(Protocol.HOP, stream.in());
      if (answer.type() != RelayMessage.Type.STATUS || answer.status() != Status.OK) {
        throw new IOException("relay " + relay + " answers " + answer.status());
      }
      Reservation granted =
          answer
              .reservation()
              .orElseThrow(() -> new ProtocolException("relay " + relay + " grants nothing"));
      Instant now = Instant.now();
      if (!granted.expires().isAfter(now.plus(LOOK))) {
        throw new ProtocolException("what relay " + relay + " grants is over already");
      }
      check(granted);
      boolean changed;
      synchronized (this) {
        changed = expires == null;
        expires = granted.expires();
      }
      host.swarm().tags().protect(relay, TAG);
      if (changed) {
        host.selfChanged();
      }
    }
  }

  /// A voucher is not needed, but one that is there is true.
  private void check(Reservation granted) throws ProtocolException {
    if (granted.voucher().length == 0) {
      return;
    }
    Voucher voucher = Voucher.open(granted.voucher());
    if (!voucher.relay().equals(relay) || !voucher.peer().equals(host.id())) {
      throw new ProtocolException("relay " + relay + " vouches for something else");
    }
  }
}
