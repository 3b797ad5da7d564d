package io.atoll.daemon.hub;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.activity.Session;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.Stream;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hub's end of the sessions that providers open: one a node, the newest wins.
final class NodeSessions {
  /// Called on the thread of the node's session.
  interface Listener {
    /// @param session number of the session, new for each
    void received(PeerId node, long session, ToHub message);

    /// That session is gone.
    void disconnected(PeerId node, long session);
  }

  private record Current(long number, Session<ToHub, ToProvider> session, Host host) {}

  /// However many peers a hub has, its nodes stay.
  private static final String TAG = "node";

  private static final Logger LOG = LoggerFactory.getLogger(NodeSessions.class);

  private static final int MOST_STRANGERS = 1_000;

  /// Nodes that were refused and told of; they come again and again.
  private final Set<PeerId> strangers = ConcurrentHashMap.newKeySet();

  private final Map<PeerId, Current> sessions = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Predicate<PeerId> joined;
  private final Listener listener;

  /// @param joined whether a node may have a session at all
  NodeSessions(Predicate<PeerId> joined, Listener listener) {
    this.joined = joined;
    this.listener = listener;
  }

  void serve(Host host) {
    host.handle(ActivityProtocol.SESSION, stream -> serve(stream, host));
  }

  private void serve(Stream stream, Host host) throws IOException {
    PeerId node = stream.remote();
    Session<ToHub, ToProvider> session = new Session<>(new MessageStream<>(stream, ToHub.class));
    if (!joined.test(node)) {
      if (strangers.size() > MOST_STRANGERS) {
        strangers.clear();
      }
      if (strangers.add(node)) {
        LOG.info("no session for {}: it has not joined this hub, or was removed from it", node);
      }
      refuse(
          session,
          new ToProvider.Refused(
              ErrorCode.DENIED.name(),
              "this node has not joined the hub, or was removed from it",
              "ask for an invite (`atoll invite create`) and join again"));
      return;
    }
    strangers.remove(node);
    Current current = new Current(numbers.incrementAndGet(), session, host);
    Current older = begin(node, current);
    if (older != null) {
      older.session().close();
    }
    try {
      session.run(message -> listener.received(node, current.number(), message));
    } catch (IOException e) {
      LOG.debug("the session of {} ended", node, e);
    } finally {
      over(node, current);
      listener.disconnected(node, current.number());
    }
  }

  /// What it takes the place of.
  private synchronized @Nullable Current begin(PeerId node, Current current) {
    current.host().protect(node, TAG);
    return sessions.put(node, current);
  }

  private synchronized void over(PeerId node, Current current) {
    if (sessions.remove(node, current)) {
      current.host().unprotect(node, TAG);
    }
  }

  private static void refuse(Session<ToHub, ToProvider> session, ToProvider.Refused reason) {
    try {
      session.refuse(reason);
    } catch (IOException e) {
      LOG.debug("{} left before it was refused", session.remote(), e);
    }
  }

  /// Whether a session of that node stands.
  boolean has(PeerId node) {
    return sessions.containsKey(node);
  }

  /// Hands a message to a session; if that is gone it is lost, and said again after the next hello.
  void send(PeerId node, long session, ToProvider message) {
    Current current = sessions.get(node);
    if (current == null || current.number() != session) {
      return;
    }
    if (message instanceof ToProvider.Refused reason) {
      // The last word of a session: it has to be written before anything ends the stream.
      over(node, current);
      LOG.info("no session for {}: {}. {}", node, reason.message(), reason.hint());
      Thread.ofVirtual().name("refuse " + node).start(() -> refuse(current.session(), reason));
    } else {
      current.session().send(message);
    }
  }

  /// Ends a session; the node will open another.
  void end(PeerId node, long session) {
    Current current = sessions.get(node);
    if (current != null && current.number() == session) {
      current.session().close();
    }
  }

  /// Ends them all; the nodes will come back and say what they run.
  void endAll() {
    sessions.values().forEach(current -> current.session().close());
  }
}
