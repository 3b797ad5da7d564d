package io.atoll.p2p.host;

import io.atoll.p2p.swarm.ConnectionWatcher;
import io.atoll.p2p.transport.Connection;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The streams that are open, for whoever looks at a host. One ends here when its user closes or
/// resets it, or with its connection.
final class OpenStreams implements ConnectionWatcher {
  private record Entry(Connection connection, OpenStream stream) {}

  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Entry> open = new ConcurrentHashMap<>();

  /// @return what ends it; twice does no harm
  Runnable opened(Connection connection, String protocol, boolean inbound) {
    long id = ids.incrementAndGet();
    open.put(
        id,
        new Entry(
            connection, new OpenStream(id, connection.remote(), protocol, inbound, Instant.now())));
    return () -> open.remove(id);
  }

  /// Oldest first.
  List<OpenStream> all() {
    return open.values().stream()
        .map(Entry::stream)
        .sorted(Comparator.comparingLong(OpenStream::id))
        .toList();
  }

  @Override
  public void opened(Connection connection) {}

  @Override
  public void closed(Connection connection) {
    open.values().removeIf(entry -> entry.connection.equals(connection));
  }
}
