package io.atoll.p2p.gossip.machine;

import io.atoll.core.identity.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The messages of the last heartbeats: whoever asks for one gets it, a few times.
final class MessageCache {
  /// However large messages are, this is the most that is kept of them.
  private static final long MAX_BYTES = 64L << 20;

  private record Entry(GossipMessage message, Map<PeerId, Integer> sent) {}

  private final int gossip;
  private final Map<MessageId, Entry> entries = new HashMap<>();
  private final Deque<List<MessageId>> windows = new ArrayDeque<>();
  private long bytes;

  MessageCache(int length, int gossip) {
    this.gossip = gossip;
    for (int i = 0; i < length; i++) {
      windows.addFirst(new ArrayList<>());
    }
  }

  void put(MessageId id, GossipMessage message) {
    if (bytes + message.bytes().size() > MAX_BYTES) {
      return;
    }
    if (entries.putIfAbsent(id, new Entry(message, new HashMap<>())) == null) {
      windows.getFirst().add(id);
      bytes += message.bytes().size();
    }
  }

  /// The message, unless this peer got it often enough.
  Optional<GossipMessage> get(MessageId id, PeerId asker, int most) {
    Entry entry = entries.get(id);
    if (entry == null || entry.sent.merge(asker, 1, Integer::sum) > most) {
      return Optional.empty();
    }
    return Optional.of(entry.message);
  }

  /// What to tell of a topic.
  List<MessageId> recent(String topic) {
    List<MessageId> recent = new ArrayList<>();
    windows.stream()
        .limit(gossip)
        .forEach(
            window -> {
              for (MessageId id : window) {
                Entry entry = entries.get(id);
                if (entry != null && entry.message.topic().equals(topic)) {
                  recent.add(id);
                }
              }
            });
    return recent;
  }

  void shift() {
    for (MessageId id : windows.removeLast()) {
      Entry old = entries.remove(id);
      bytes -= old == null ? 0 : old.message.bytes().size();
    }
    windows.addFirst(new ArrayList<>());
  }
}
