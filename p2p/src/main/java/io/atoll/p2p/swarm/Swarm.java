package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.DialException;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Role;
import io.atoll.p2p.transport.Transport;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Owner of all connections: each has one thread here that takes the streams the peer opens.
public final class Swarm implements AutoCloseable {
  /// The cause under which it is counted that somebody did not have the key of a private network.
  public static final String OUTSIDE_NETWORK = "outside-network";

  private static final Logger log = LoggerFactory.getLogger(Swarm.class);
  private static final Duration RETIREMENT = Duration.ofSeconds(60);
  private static final Duration RETIREMENT_STEP = Duration.ofSeconds(1);

  private final PeerId self;
  private final List<Transport> transports;
  private final Gater gater;
  private final Watermarks marks;
  private final Refusals refusals = new Refusals();
  private final Refusals dials = new Refusals();
  private final ResourceTree resources;
  private final PeerTags tags = new PeerTags();
  private final int inboundPerHost;
  private final StreamSink sink;
  private final Dialer dialer;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final List<ConnectionWatcher> watchers = new CopyOnWriteArrayList<>();

  // Under the lock of this object.
  private final ConnectionTable table;
  private final Map<Connection, Held> alive = new HashMap<>();
  private final Map<PeerId, Integer> expecting = new HashMap<>();
  private long trimmedNanos = Long.MIN_VALUE / 2;
  private boolean closed;

  /// @param sinceNanos when it was admitted
  private record Held(ResourceTree.Scope scope, long sinceNanos) {}

  /// While it is open, something is expected of a peer.
  public interface Expected extends AutoCloseable {
    @Override
    void close();
  }

  public Swarm(
      PeerId self,
      List<Transport> transports,
      Gater gater,
      ResourceLimits limits,
      Watermarks marks,
      StreamSink sink) {
    this.self = self;
    this.transports = new CopyOnWriteArrayList<>(transports);
    this.gater = gater;
    this.resources = new ResourceTree(limits, refusals);
    this.inboundPerHost = limits.inboundPerHost();
    this.marks = marks;
    this.sink = sink;
    this.table = new ConnectionTable(self);
    this.dialer = new Dialer(this.transports);
  }

  /// From now on; connections that are there already are not told.
  public void watch(ConnectionWatcher watcher) {
    watchers.add(watcher);
  }

  /// One more way to reach peers; those before it are asked first.
  public void add(Transport transport) {
    transports.add(transport);
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
    return listeners.stream().filter(Listener::ready).map(Listener::address).toList();
  }

  /// All connections, more than one to a peer where two crossed.
  public synchronized List<Connection> connections() {
    return List.copyOf(alive.keySet());
  }

  /// What connections to peers are worth when there are too many.
  public PeerTags tags() {
    return tags;
  }

  /// What was refused so far, by limits and by the gater.
  public Refusals refusals() {
    return refusals;
  }

  /// How the dials to peers ended so far: `reached` or `failed`.
  public Refusals dials() {
    return dials;
  }

  public ResourceTree resources() {
    return resources;
  }

  /// Opens a stream that counts against the limits until it is closed or reset.
  public MuxedStream open(Connection connection) throws IOException, InterruptedException {
    Held held;
    synchronized (this) {
      held = alive.get(connection);
    }
    if (held == null) {
      throw new IOException("peer " + connection.remote() + " is not connected any more");
    }
    ResourceTree.Scope scope = held.scope.stream(Role.INITIATOR);
    try {
      return new CountedStream(connection.open(), scope);
    } catch (IOException | InterruptedException | RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  public synchronized Optional<Connection> connection(PeerId peer) {
    return Optional.ofNullable(table.get(peer));
  }

  /// The connection to a peer, dialled if there is none.
  ///
  /// @throws IOException that names each address and what failed there
  public Connection connect(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException {
    return connect(peer, addresses, timeout, () -> connection(peer));
  }

  private Connection connect(
      PeerId peer,
      List<String> addresses,
      Duration timeout,
      Supplier<Optional<Connection>> existing)
      throws IOException, InterruptedException {
    if (peer.equals(self)) {
      throw new IOException("a node does not dial itself (" + self + ")");
    }
    if (!gater.dials(peer)) {
      refusals.count("gater-dial-peer");
      throw new DialException("peer " + peer + " is not dialled from here");
    }
    List<String> allowed = addresses.stream().filter(address -> mayDial(peer, address)).toList();
    if (allowed.isEmpty() && !addresses.isEmpty()) {
      throw new DialException(
          "none of the addresses of peer "
              + peer
              + " may be dialled from here, by this node's own rules: "
              + String.join(", ", addresses));
    }
    try {
      Connection reached = dialer.dial(peer, allowed, timeout, existing, this::admit);
      dials.count("reached");
      return reached;
    } catch (IOException e) {
      dials.count("failed");
      throw e;
    }
  }

  private boolean mayDial(PeerId peer, String text) {
    Multiaddr address;
    try {
      address = Multiaddr.parse(text);
    } catch (IllegalArgumentException e) {
      return true; // the dialer says what is wrong with it
    }
    boolean may = gater.dials(peer, address);
    if (!may) {
      refusals.count("gater-dial-address");
    }
    return may;
  }

  /// The same, but a connection over a relay is not enough: for a peer that is to be reached
  /// directly from now on.
  public Connection connectDirectly(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException {
    return connect(
        peer, addresses, timeout, () -> connection(peer).filter(known -> !known.limited()));
  }

  /// Until it is closed, a connection that the peer dials although there is one takes nobody's
  /// place: some dial back under the identity that they were asked at.
  public Expected expectSecond(PeerId peer) {
    synchronized (this) {
      expecting.merge(peer, 1, Integer::sum);
    }
    return () -> {
      synchronized (this) {
        expecting.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
      }
    };
  }

  /// Takes a connection that was made outside the transports, such as through a hole in two NATs.
  ///
  /// @throws IOException if it may not stay; it is closed then
  public Connection adopt(Connection connection) throws IOException {
    return admit(connection);
  }

  /// Whether the gater lets that address of a peer be dialled.
  public boolean mayDial(PeerId peer, Multiaddr address) {
    return gater.dials(peer) && gater.dials(peer, address);
  }

  public void disconnect(PeerId peer) {
    List<Connection> ended;
    synchronized (this) {
      ended =
          alive.keySet().stream().filter(connection -> connection.remote().equals(peer)).toList();
    }
    ended.forEach(Connection::close);
  }

  @Override
  public void close() {
    listeners.forEach(Listener::close);
    List<Connection> ended;
    synchronized (this) {
      closed = true;
      ended = new ArrayList<>(alive.keySet());
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
    } finally {
      listeners.remove(listener);
    }
  }

  /// Judges a connection whose remote is proven, and serves it.
  private Connection admit(Connection connection) throws IOException {
    PeerId remote = connection.remote();
    String refusal = null;
    if (remote.equals(self)) {
      refusal = "that is this node itself";
    } else if (!gater.keeps(connection)) {
      refusals.count("gater-keep");
      refusal = "peer " + remote + " is not admitted here";
    }
    ConnectionTable.Loser loser = null;
    ResourceTree.Scope scope = null;
    if (refusal == null) {
      try {
        scope = resources.connection(remote, connection.role());
        synchronized (this) {
          if (closed) {
            refusal = "this node is shutting down";
            scope.close();
          } else if (crowded(connection)) {
            refusals.count("host-connections-in");
            refusal = "one host may have " + inboundPerHost + " connections here, and has them";
            scope.close();
          } else {
            long now = System.nanoTime();
            alive.put(connection, new Held(scope, now));
            boolean second =
                connection.role() == Role.RESPONDER
                    && expecting.containsKey(remote)
                    && table.get(remote) != null;
            loser =
                second
                    ? new ConnectionTable.Loser(connection, ConnectionTable.Fate.RETIRE)
                    : table.add(connection, now);
          }
        }
      } catch (ResourceRefused e) {
        refusal = e.getMessage();
      }
    }
    if (refusal != null || scope == null) {
      // Saying goodbye takes a moment, which the next connection need not wait.
      Thread.startVirtualThread(connection::close);
      throw new IOException(refusal);
    }
    watchers.forEach(watcher -> watcher.opened(connection));
    ResourceTree.Scope held = scope;
    Thread.ofVirtual().name("swarm-" + remote).start(() -> takeStreams(connection, held));
    trim();
    if (loser != null) {
      dismiss(loser);
    }
    return connection;
  }

  /// Whether as many come from the address of this one as may. Under the lock of this object.
  private boolean crowded(Connection connection) {
    if (connection.role() != Role.RESPONDER || connection.limited()) {
      return false;
    }
    Multiaddr.Part host = connection.remoteAddress().parts().getFirst();
    long there =
        alive.keySet().stream()
            .filter(other -> other.role() == Role.RESPONDER && !other.limited())
            .filter(other -> other.remoteAddress().parts().getFirst().equals(host))
            .count();
    return there >= inboundPerHost;
  }

  private void takeStreams(Connection connection, ResourceTree.Scope scope) {
    try {
      while (true) {
        MuxedStream stream = connection.accept();
        try {
          CountedStream counted = new CountedStream(stream, scope.stream(Role.RESPONDER));
          Thread.ofVirtual().name("stream").start(() -> serve(connection, counted));
        } catch (ResourceRefused e) {
          log.debug("a stream of {}: {}", connection.remote(), e.getMessage());
          stream.reset();
        }
      }
    } catch (IOException e) {
      log.debug("{} at {}: {}", connection.remote(), connection.remoteAddress(), e.getMessage());
      countEnd(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        alive.remove(connection);
        table.remove(connection);
      }
      scope.close();
      watchers.forEach(watcher -> watcher.closed(connection));
    }
  }

  /// Of the ways in which a connection ends, those that somebody is to blame for.
  private void countEnd(IOException end) {
    for (Throwable cause = end; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case ProtocolException _ -> refusals.count("connection-malformed");
        case SocketTimeoutException _ -> refusals.count("connection-silent");
        default -> {
          continue;
        }
      }
      return;
    }
  }

  private void serve(Connection connection, CountedStream stream) {
    try {
      sink.accept(connection, stream);
    } finally {
      stream.scope().close();
    }
  }

  /// Closes what is worth least where there are too many connections, in the background.
  private void trim() {
    List<Connection> least;
    synchronized (this) {
      long now = System.nanoTime();
      if (alive.size() <= marks.high() || now - trimmedNanos < marks.silence().toNanos()) {
        return;
      }
      trimmedNanos = now;
      List<Trimming.Candidate> candidates = new ArrayList<>();
      alive.forEach(
          (connection, held) ->
              candidates.add(
                  new Trimming.Candidate(
                      connection,
                      now - held.sinceNanos,
                      tags.isProtected(connection.remote()),
                      tags.value(connection.remote()))));
      least = Trimming.least(candidates, marks);
    }
    for (Connection connection : least) {
      refusals.count("trimmed");
      Thread.ofVirtual().name("swarm-trim").start(connection::close);
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
