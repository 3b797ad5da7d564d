package io.atoll.p2p.gossip.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The ids of messages that were taken, and when; older ones are forgotten after a while, or when
/// there are too many. Of each author then stays the highest number that was forgotten: what it
/// numbered so or lower comes from somebody who kept it, and is not news.
final class Seen {
  private static final int MAX = 200_000;

  static final class Entry {
    final long at;
    final Set<PeerId> senders = new HashSet<>();

    Entry(long at) {
      this.at = at;
    }
  }

  private static final int MAX_AUTHORS = 50_000;

  private final long keep;
  private final Map<ByteString, Long> forgotten = new LinkedHashMap<>(16, 0.75f, true);
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

  /// Whether an author gave this number, or a higher one, to a message that is forgotten by now.
  boolean replayed(GossipMessage message) {
    Long floor = forgotten.get(message.from());
    return floor != null && Long.compareUnsigned(number(message.seqno()), floor) <= 0;
  }

  void expire(long nanos) {
    Iterator<Map.Entry<MessageId, Entry>> oldest = entries.entrySet().iterator();
    while (oldest.hasNext()) {
      Map.Entry<MessageId, Entry> next = oldest.next();
      if (nanos - next.getValue().at <= keep) {
        return;
      }
      oldest.remove();
      ByteString id = next.getKey().bytes();
      int split = id.size() - Long.BYTES;
      long number = number(id.substring(split));
      forgotten.merge(
          id.substring(0, split), number, (a, b) -> Long.compareUnsigned(a, b) < 0 ? b : a);
      if (forgotten.size() > MAX_AUTHORS) {
        forgotten.remove(forgotten.keySet().iterator().next());
      }
    }
  }

  private static long number(ByteString seqno) {
    return seqno.asReadOnlyByteBuffer().getLong();
  }
}
