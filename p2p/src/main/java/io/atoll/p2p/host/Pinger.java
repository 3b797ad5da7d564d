package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import io.atoll.p2p.ping.Ping;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Pings peers, on one stream each that stays open: others limit ping streams to one or two.
final class Pinger {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final class Line {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Stream stream;
  }

  private final Host host;
  private final Map<PeerId, Line> lines = new ConcurrentHashMap<>();

  Pinger(Host host) {
    this.host = host;
  }

  Duration ping(PeerId peer) throws IOException, InterruptedException {
    Line line = lines.computeIfAbsent(peer, _ -> new Line());
    line.lock.lockInterruptibly();
    try {
      Stream kept = line.stream;
      if (kept != null) {
        try {
          return once(kept);
        } catch (IOException e) {
          // The peer may have closed an idle stream, or the connection is another one by now.
          line.stream = null;
          if (!host.connected(peer)) {
            throw e;
          }
        }
      }
      Stream fresh = host.open(peer, Ping.PROTOCOL);
      Duration roundTrip = once(fresh);
      line.stream = fresh;
      return roundTrip;
    } finally {
      if (line.stream == null) {
        lines.remove(peer, line);
      }
      line.lock.unlock();
    }
  }

  private static Duration once(Stream stream) throws IOException, InterruptedException {
    try (var deadline = new Deadline(TIMEOUT, stream::reset)) {
      try {
        return Ping.once(stream.in(), stream.out());
      } catch (IOException e) {
        stream.reset();
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted during a ping");
        }
        if (deadline.fired()) {
          throw new IOException("peer " + stream.remote() + " did not answer a ping in 10 s", e);
        }
        throw e;
      }
    }
  }
}
