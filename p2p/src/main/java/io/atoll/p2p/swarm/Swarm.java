package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Owner of all connections: each has one thread here that takes the streams the peer opens.
public final class Swarm implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Swarm.class);
  private static final Duration RETIREMENT = Duration.ofSeconds(60);
  private static final Duration RETIREMENT_STEP = Duration.ofSeconds(1);

  private final PeerId self;
  private final List<Transport> transports;
  private final Gater gater;
  private final int maxInbound;
  private final StreamSink sink;
  private final Dialer dialer;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final List<ConnectionWatch> watches = new CopyOnWriteArrayList<>();

  // Under the lock of this object.
  private final ConnectionTable table;
  private final Set<Connection> alive = new HashSet<>();
  private int inbound;
  private boolean closed;

  /// @param maxInbound connections that others may have dialled
  public Swarm(
      PeerId self, List<Transport> transports, Gater gater, int maxInbound, StreamSink sink) {
    this.self = self;
    this.transports = List.copyOf(transports);
    this.gater = gater;
    this.maxInbound = maxInbound;
    this.sink = sink;
    this.table = new ConnectionTable(self);
    this.dialer = new Dialer(this.transports);
  }

  public void listen(Multiaddr address) throws IOException {
    for (Transport transport : transports) {
      if (transport.handles(address)) {
        Listener listener = transport.listen(address);
        listeners.add(listener);
        Thread.ofVirtual().name("swarm-listen").start(() -> takeConnections(listener));
        return;
      }
    }
    throw new IOException("no transport here can listen on " + address);
  }

  public List<Multiaddr> listening() {
    return listeners.stream().map(Listener::address).toList();
  }

  /// Tells of all connections that are there and of all that come; one that comes just now may be
  /// told of twice.
  public void watch(ConnectionWatch watch) {
    watches.add(watch);
    List<Connection> there;
    synchronized (this) {
      there = new ArrayList<>(alive);
    }
    there.forEach(watch::opened);
  }

  public synchronized Optional<Connection> connection(PeerId peer) {
    return Optional.ofNullable(table.get(peer));
  }

  /// The connection to a peer, dialled if there is none.
  ///
  /// @throws IOException that names each address and what failed there
  public Connection connect(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException {
    if (peer.equals(self)) {
      throw new IOException("a node does not dial itself (" + self + ")");
    }
    return dialer.dial(peer, addresses, timeout, () -> connection(peer), this::admit);
  }

  public void disconnect(PeerId peer) {
    List<Connection> ended;
    synchronized (this) {
      ended = alive.stream().filter(connection -> connection.remote().equals(peer)).toList();
    }
    ended.forEach(Connection::close);
  }

  @Override
  public void close() {
    listeners.forEach(Listener::close);
    List<Connection> ended;
    synchronized (this) {
      closed = true;
      ended = new ArrayList<>(alive);
    }
    // Each says goodbye for a moment: together, not one after the other.
    List<Thread> goodbyes =
        ended.stream().map(connection -> Thread.startVirtualThread(connection::close)).toList();
    try {
      for (Thread goodbye : goodbyes) {
        goodbye.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void takeConnections(Listener listener) {
    try {
      while (true) {
        Connection connection = listener.accept();
        try {
          admit(connection);
        } catch (IOException refused) {
          log.debug("inbound connection: {}", refused.getMessage());
        }
      }
    } catch (IOException closedListener) {
      log.debug("listener {}: {}", listener.address(), closedListener.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Judges a connection whose remote is proven, and serves it.
  private Connection admit(Connection connection) throws IOException {
    PeerId remote = connection.remote();
    String refusal = null;
    if (remote.equals(self)) {
      refusal = "that is this node itself";
    } else if (!gater.admits(remote, connection.role(), connection.remoteAddress())) {
      refusal = "peer " + remote + " is not admitted here";
    }
    ConnectionTable.Loser loser = null;
    if (refusal == null) {
      synchronized (this) {
        if (closed) {
          refusal = "this node is shutting down";
        } else if (connection.role() == Role.RESPONDER && inbound >= maxInbound) {
          refusal = "there are " + inbound + " inbound connections, the most there may be";
        } else {
          alive.add(connection);
          inbound += connection.role() == Role.RESPONDER ? 1 : 0;
          loser = table.add(connection, System.nanoTime());
        }
      }
    }
    if (refusal != null) {
      // Saying goodbye takes a moment, which the next connection need not wait.
      Thread.startVirtualThread(connection::close);
      throw new IOException(refusal);
    }
    watches.forEach(watch -> watch.opened(connection));
    Thread.ofVirtual().name("swarm-" + remote).start(() -> takeStreams(connection));
    if (loser != null) {
      dismiss(loser);
    }
    return connection;
  }

  private void takeStreams(Connection connection) {
    try {
      while (true) {
        MuxedStream stream = connection.accept();
        Thread.ofVirtual().name("stream").start(() -> sink.accept(connection, stream));
      }
    } catch (IOException e) {
      log.debug("{} at {}: {}", connection.remote(), connection.remoteAddress(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        alive.remove(connection);
        inbound -= connection.role() == Role.RESPONDER ? 1 : 0;
        table.remove(connection);
      }
      boolean last = connection(connection.remote()).isEmpty();
      watches.forEach(watch -> watch.closed(connection, last));
    }
  }

  private static void dismiss(ConnectionTable.Loser loser) {
    Connection connection = loser.connection();
    switch (loser.fate()) {
      case CLOSE -> Thread.startVirtualThread(connection::close);
      case RETIRE ->
          Thread.ofVirtual()
              .name("swarm-retire")
              .start(
                  () -> {
                    try {
                      Duration left = RETIREMENT;
                      do {
                        Thread.sleep(RETIREMENT_STEP);
                        left = left.minus(RETIREMENT_STEP);
                      } while (connection.streams() > 0 && left.isPositive());
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    connection.close();
                  });
    }
  }
}
