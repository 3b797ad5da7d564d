package io.atoll.p2p.swarm;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.transport.Role;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What connections and streams hold, as a tree: system → peer → connection → stream. What is taken
/// in a scope is taken in all above it, or in none: the first limit that it would pass refuses it,
/// and is counted by name, such as `peer-streams-in`.
///
/// ```
/// system ─┬─ peer A ─┬─ connection ─┬─ stream
///         │          └─ connection  └─ stream
///         └─ peer B ── …
/// ```
public final class ResourceTree {
  /// What may be counted; each has its limit in [ScopeLimit].
  private enum Unit {
    CONNECTIONS_IN,
    CONNECTIONS_OUT,
    CONNECTIONS,
    STREAMS_IN,
    STREAMS_OUT,
    STREAMS,
    MEMORY
  }

  private final ResourceLimits limits;
  private final Refusals refusals;
  private final Scope system;

  // Under the lock of this object, as everything in the scopes.
  private final Map<PeerId, Scope> peers = new HashMap<>();

  public ResourceTree(ResourceLimits limits, Refusals refusals) {
    this.limits = limits;
    this.refusals = refusals;
    this.system = new Scope("system", limits.system(), null, null);
  }

  /// Takes a connection to a peer.
  ///
  /// @throws ResourceRefused if there are too many, here or to that peer
  public synchronized Scope connection(PeerId remote, Role role) throws ResourceRefused {
    Scope peer =
        peers.computeIfAbsent(remote, _ -> new Scope("peer", limits.peer(), system, remote));
    Scope connection = new Scope("connection", limits.connection(), peer, null);
    try {
      connection.take(
          switch (role) {
            case RESPONDER -> Unit.CONNECTIONS_IN;
            case INITIATOR -> Unit.CONNECTIONS_OUT;
          },
          Unit.CONNECTIONS);
      return connection;
    } finally {
      peer.forgetIfEmpty();
    }
  }

  /// Bytes that services hold now.
  public synchronized long memory() {
    return system.used(Unit.MEMORY);
  }

  /// Streams that are open now, as far as they were closed by those who opened them.
  public synchronized int streams() {
    return (int) system.used(Unit.STREAMS);
  }

  /// What one connection or stream holds. Closing it gives everything back that is in it and
  /// below it; twice does no harm.
  public final class Scope implements AutoCloseable {
    private final String name;
    private final ScopeLimit limit;
    private final @Nullable Scope above;
    private final @Nullable PeerId peer;
    private final Map<Unit, Long> used = new EnumMap<>(Unit.class);
    private boolean closed;

    private Scope(String name, ScopeLimit limit, @Nullable Scope above, @Nullable PeerId peer) {
      this.name = name;
      this.limit = limit;
      this.above = above;
      this.peer = peer;
    }

    /// Takes a stream on this connection.
    ///
    /// @param role of this node: RESPONDER where the remote opened it
    public Scope stream(Role role) throws ResourceRefused {
      synchronized (ResourceTree.this) {
        Scope stream = new Scope("stream", limits.stream(), this, null);
        stream.take(
            switch (role) {
              case RESPONDER -> Unit.STREAMS_IN;
              case INITIATOR -> Unit.STREAMS_OUT;
            },
            Unit.STREAMS);
        return stream;
      }
    }

    /// Takes memory for as long as this scope is open.
    public void memory(long bytes) throws ResourceRefused {
      synchronized (ResourceTree.this) {
        check(Unit.MEMORY, bytes);
        add(Unit.MEMORY, bytes);
      }
    }

    @Override
    public void close() {
      synchronized (ResourceTree.this) {
        if (closed) {
          return;
        }
        closed = true;
        for (Unit unit : Unit.values()) {
          long held = used(unit);
          for (Scope scope = above; scope != null; scope = scope.above) {
            // What is below a closed scope was given back with it.
            if (scope.closed) {
              break;
            }
            scope.used.merge(unit, -held, Long::sum);
          }
        }
        for (Scope scope = above; scope != null; scope = scope.above) {
          scope.forgetIfEmpty();
        }
      }
    }

    private long used(Unit unit) {
      return used.getOrDefault(unit, 0L);
    }

    private void take(Unit... units) throws ResourceRefused {
      for (Unit unit : units) {
        check(unit, 1);
      }
      for (Unit unit : units) {
        add(unit, 1);
      }
    }

    private void check(Unit unit, long amount) throws ResourceRefused {
      for (Scope scope = this; scope != null; scope = scope.above) {
        if (scope.closed) {
          throw new ResourceRefused("the " + scope.name + " is closed");
        }
        long most = scope.most(unit);
        if (scope.used(unit) + amount > most) {
          String what = unit.name().toLowerCase(Locale.ROOT).replace('_', '-');
          refusals.count(scope.name + "-" + what);
          throw new ResourceRefused(
              "a " + scope.name + " may hold " + most + " " + what + " here, and has them");
        }
      }
    }

    private void add(Unit unit, long amount) {
      for (Scope scope = this; scope != null; scope = scope.above) {
        scope.used.merge(unit, amount, Long::sum);
      }
    }

    private long most(Unit unit) {
      return switch (unit) {
        case CONNECTIONS_IN -> limit.inbound();
        case CONNECTIONS_OUT -> limit.outbound();
        case CONNECTIONS -> limit.connections();
        case STREAMS_IN -> limit.streamsIn();
        case STREAMS_OUT -> limit.streamsOut();
        case STREAMS -> limit.streams();
        case MEMORY -> limit.memory();
      };
    }

    private void forgetIfEmpty() {
      if (peer != null && used(Unit.CONNECTIONS) == 0) {
        peers.remove(peer);
      }
    }
  }
}
