package io.atoll.daemon.peers;

import io.atoll.p2p.host.Host.StreamHandler;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.perf.Perf;
import io.atoll.p2p.transport.Deadline;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/// Lets peers measure the line to this node: one at a time, for a while each.
final class BenchService implements StreamHandler {
  static final String PROTOCOL = Perf.PROTOCOL;
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private final Semaphore place = new Semaphore(1);

  @Override
  public void accept(Stream stream) throws IOException {
    if (!place.tryAcquire()) {
      throw new ProtocolException("another peer measures now");
    }
    try (var _ = new Deadline(LONGEST, stream::reset)) {
      Perf.serve(stream.in(), stream.out());
    } finally {
      place.release();
    }
  }
}
