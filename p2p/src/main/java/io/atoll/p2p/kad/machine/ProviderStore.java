package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.PeerId;
import io.atoll.core.time.Now;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Who provides what, by their own word, until it expires.
final class ProviderStore {
  private static final int MAX_OF_KEY = 40;

  private record Entry(Contact provider, long until) {}

  private final KadConfig config;
  private final Map<ByteString, Map<PeerId, Entry>> kept = new LinkedHashMap<>();
  private int entries;

  ProviderStore(KadConfig config) {
    this.config = config;
  }

  int size() {
    return entries;
  }

  /// The newest entries count: the oldest of the key, or of the store, give way.
  void add(ByteString key, Contact provider, Now now) {
    Map<PeerId, Entry> ofKey = kept.computeIfAbsent(key, _ -> new LinkedHashMap<>());
    entries += ofKey.remove(provider.id()) == null ? 1 : 0;
    ofKey.put(provider.id(), new Entry(provider, now.nanos() + config.providerAge().toNanos()));
    if (ofKey.size() > MAX_OF_KEY) {
      ofKey.remove(ofKey.keySet().iterator().next());
      entries--;
    }
    while (entries > config.maxProviders()) {
      var oldest = kept.entrySet().iterator();
      entries -= oldest.next().getValue().size();
      oldest.remove();
    }
  }

  List<Contact> get(ByteString key, int most, Now now) {
    return kept.getOrDefault(key, Map.of()).values().stream()
        .filter(entry -> entry.until() - now.nanos() > 0)
        .limit(most)
        .map(Entry::provider)
        .toList();
  }

  void expire(Now now) {
    kept.values().forEach(ofKey -> ofKey.values().removeIf(e -> e.until() - now.nanos() <= 0));
    kept.values().removeIf(Map::isEmpty);
    entries = kept.values().stream().mapToInt(Map::size).sum();
  }
}
