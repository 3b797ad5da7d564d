package io.atoll.daemon.provider;

import io.atoll.core.identity.PeerId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;

/// What carries the messages of one agreement. Nothing here waits.
interface Link extends AutoCloseable {
  /// Whoever is told never waits either.
  interface Listener {
    /// A session stands; the hello has to be the first message.
    ///
    /// @param session a number for it, new each time
    void up(PeerId hub, long session);

    void received(PeerId hub, long session, ToProvider message);

    void down(PeerId hub, long session);
  }

  void start();

  /// Hands a message to a session; if that is gone it is lost, as everything that matters is said
  /// again in the next hello.
  void send(long session, ToHub message);

  /// Ends a session; another one is made.
  void end(long session, String reason);

  Agreement agreement();

  /// One phrase for people: `connected`, or why not.
  String status();

  /// Whether a session stands, and this provider was welcomed in it.
  boolean connected();

  @Override
  void close();
}
