package io.atoll.daemon.hub;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.host.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The last round trip to each node that has a session: measured by a ping when the session begins,
/// once a minute from then on, and whenever somebody asks for one.
final class RoundTrips implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RoundTrips.class);
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration UNKNOWN = Duration.ofNanos(-1);

  private final Host host;

  /// Of nodes with a session; `UNKNOWN` until the first answer.
  private final Map<PeerId, Duration> last = new ConcurrentHashMap<>();

  private final Thread thread;

  RoundTrips(Host host) {
    this.host = host;
    this.thread = Thread.ofVirtual().name("round trips").unstarted(this::keep);
  }

  void start() {
    thread.start();
  }

  /// In milliseconds; null if the node is not connected, or did not answer yet.
  @Nullable Double millis(PeerId node) {
    Duration known = last.get(node);
    return known == null || known.equals(UNKNOWN) ? null : known.toNanos() / 1e6;
  }

  /// A session of the node began.
  void begin(PeerId node) {
    if (last.putIfAbsent(node, UNKNOWN) == null) {
      measureApart(node);
    }
  }

  /// It ended.
  void end(PeerId node) {
    last.remove(node);
  }

  /// @throws IOException if it does not answer
  Duration measure(PeerId node) throws IOException, InterruptedException {
    Duration now = host.ping(node);
    last.computeIfPresent(node, (_, _) -> now);
    return now;
  }

  private void measureApart(PeerId node) {
    Thread.ofVirtual()
        .name("ping " + node)
        .start(
            () -> {
              try {
                var _ = measure(node);
              } catch (IOException e) {
                LOG.debug("{} did not answer a ping", node, e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void keep() {
    try {
      while (true) {
        Thread.sleep(EVERY);
        last.keySet().forEach(this::measureApart);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
