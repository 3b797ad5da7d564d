package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The ids of messages that were taken, and when; older ones are forgotten after a while, or when
/// there are too many.
final class Seen {
  private static final int MAX = 200_000;

  static final class Entry {
    final long at;
    final Set<PeerId> senders = new HashSet<>();

    Entry(long at) {
      this.at = at;
    }
  }

  private final long keep;
  private final Map<MessageId, Entry> entries = new LinkedHashMap<>();

  Seen(long keepNanos) {
    this.keep = keepNanos;
  }

  boolean contains(MessageId id) {
    return entries.containsKey(id);
  }

  @Nullable Entry get(MessageId id) {
    return entries.get(id);
  }

  void add(MessageId id, long nanos) {
    entries.putIfAbsent(id, new Entry(nanos));
    if (entries.size() > MAX) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  void expire(long nanos) {
    Iterator<Entry> oldest = entries.values().iterator();
    while (oldest.hasNext() && nanos - oldest.next().at > keep) {
      oldest.remove();
    }
  }
}
