package io.atoll.daemon.provider;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.journal.Agreement;
import io.atoll.market.activity.ActivityProtocol;
import io.atoll.market.activity.MessageStream;
import io.atoll.market.activity.Session;
import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import io.atoll.p2p.host.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one session to one hub: dials it, passes messages both ways, and dials again with back-off
/// when the session is lost. The provider needs no open port; all that the hub wants of it comes
/// back over this connection.
final class HubLink implements Link {
  private record Current(long number, Session<ToProvider, ToHub> session) {}

  private static final Logger LOG = LoggerFactory.getLogger(HubLink.class);
  private static final AtomicLong SESSIONS = new AtomicLong();
  private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(10);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 15_000;

  /// Of a hub that does not know this node: somebody has to do something about that, and a new
  /// invite makes a new link.
  private static final long LONGEST_PAUSE_OF_REMOVED_MILLIS = 300_000;

  private static final String REMOVED =
      "the hub has removed this node, or lost its record: join again with a new invite, or give it"
          + " up with `atoll hub leave`";

  /// However many peers a node has, its hubs stay.
  private static final String TAG = "hub";

  private final Host host;
  private final Agreement agreement;
  private final Listener listener;
  private final Thread thread;
  private volatile @Nullable Current current;
  private volatile String status = "not connected yet";
  private volatile boolean welcomed;
  private volatile boolean removed;
  private volatile boolean refused; // this session

  HubLink(Host host, Agreement agreement, Listener listener) {
    this.host = host;
    this.agreement = agreement;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("hub " + agreement.hub()).unstarted(this::keep);
  }

  /// A number for a session, of whichever link.
  static long nextSession() {
    return SESSIONS.incrementAndGet();
  }

  @Override
  public void start() {
    host.protect(agreement.hub(), TAG);
    host.named(agreement.addresses());
    thread.start();
  }

  @Override
  public void send(long session, ToHub message) {
    Current now = current;
    if (now != null && now.number() == session) {
      now.session().send(message);
    }
  }

  @Override
  public void end(long session, String reason) {
    Current now = current;
    if (now != null && now.number() == session) {
      LOG.info("ending the session with hub {}: {}", agreement.hub(), reason);
      now.session().close();
    }
  }

  @Override
  public Agreement agreement() {
    return agreement;
  }

  @Override
  public String status() {
    return status;
  }

  @Override
  public boolean connected() {
    return welcomed;
  }

  private void keep() {
    long pause = FIRST_PAUSE_MILLIS;
    while (!Thread.currentThread().isInterrupted()) {
      long began = System.nanoTime();
      try {
        refused = false;
        hold();
        status = refused ? status : "the hub closed the session";
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          return; // the daemon ends
        }
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(status) && !removed) {
          LOG.info("no session with hub {}: {}", agreement.hub(), reason);
        }
        status = refused ? status : reason;
      } catch (InterruptedException e) {
        return;
      }
      boolean lasted = System.nanoTime() - began > Duration.ofSeconds(5).toNanos();
      long longest = removed ? LONGEST_PAUSE_OF_REMOVED_MILLIS : LONGEST_PAUSE_MILLIS;
      pause = lasted ? FIRST_PAUSE_MILLIS : Math.min(pause * 2, longest);
      try {
        Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// Makes one session and stays in it until it ends.
  private void hold() throws IOException, InterruptedException {
    PeerId hub = agreement.hub();
    host.connect(hub, agreement.addresses(), DIAL_TIMEOUT);
    Session<ToProvider, ToHub> opened =
        new Session<>(
            new MessageStream<>(host.open(hub, ActivityProtocol.SESSION), ToProvider.class));
    long number = nextSession();
    current = new Current(number, opened);
    listener.up(hub, number);
    try {
      opened.run(
          message -> {
            switch (message) {
              case ToProvider.Welcome _ -> {
                status = "connected";
                welcomed = true;
                removed = false;
                LOG.info("session with hub {} stands", hub);
              }
              case ToProvider.Refused reason -> refused(reason);
              case ToProvider.DesiredSet _,
                  ToProvider.Acks _,
                  ToProvider.Heard _,
                  ToProvider.Ask _,
                  ToProvider.Forget _,
                  ToProvider.Networks _ -> {}
            }
            listener.received(hub, number, message);
          });
    } finally {
      welcomed = false;
      current = null;
      listener.down(hub, number);
    }
  }

  private void refused(ToProvider.Refused reason) {
    boolean unknown = reason.code().equals(ErrorCode.DENIED.name());
    String said = unknown ? REMOVED : "refused: " + reason.message();
    if (!said.equals(status)) {
      LOG.warn("hub {} refused the session: {}. {}", agreement.hub(), said, reason.hint());
    }
    refused = true;
    removed = unknown;
    status = said;
  }

  @Override
  public void close() {
    thread.interrupt();
    Current now = current;
    if (now != null) {
      now.session().close();
    }
    host.unprotect(agreement.hub(), TAG);
  }
}
