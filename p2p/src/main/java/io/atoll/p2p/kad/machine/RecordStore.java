package io.atoll.p2p.kad.machine;

import com.google.protobuf.ByteString;
import io.atoll.core.time.Now;
import io.atoll.p2p.kad.machine.Validator.Verdict;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The values that this node keeps for others: valid ones only, the best of each key, until they
/// expire. Where they are too many, the farthest from this node give way.
final class RecordStore {
  private record Kept(KadRecord record, KadKey at, long until, Instant expires) {}

  private final KadConfig config;
  private final Validator validator;
  private final Map<ByteString, Kept> kept = new LinkedHashMap<>();
  private final TreeMap<KadKey, ByteString> byDistance;

  RecordStore(KadConfig config, Validator validator, KadKey self) {
    this.config = config;
    this.validator = validator;
    this.byDistance = new TreeMap<>(self.nearest());
  }

  int size() {
    return kept.size();
  }

  /// Empty if it was taken, else why not.
  Optional<String> put(KadRecord record, Now now) {
    if (record.value().size() > config.maxValue()) {
      return Optional.of("a value of " + record.value().size() + " bytes");
    }
    Instant expires;
    switch (validator.judge(record.key(), record.value(), now.wall())) {
      case Verdict.Refused refused -> {
        return Optional.of(refused.why());
      }
      case Verdict.Valid valid -> expires = valid.expires();
    }
    Kept older = kept.get(record.key());
    if (older != null
        && older.expires().isAfter(now.wall())
        && !older.record().value().equals(record.value())
        && validator.best(record.key(), List.of(older.record().value(), record.value())) == 0) {
      return Optional.of("a better value is here");
    }
    KadKey at = KadKey.of(record.key().toByteArray());
    long until = now.nanos() + config.maxAge().toNanos();
    kept.put(
        record.key(),
        new Kept(
            new KadRecord(record.key(), record.value(), now.wall().toString()),
            at,
            until,
            expires));
    byDistance.put(at, record.key());
    if (kept.size() > config.maxRecords()) {
      ByteString farthest = byDistance.pollLastEntry().getValue();
      kept.remove(farthest);
      if (farthest.equals(record.key())) {
        return Optional.of("the store is full of nearer values");
      }
    }
    return Optional.empty();
  }

  Optional<KadRecord> get(ByteString key, Now now) {
    Kept found = kept.get(key);
    return found == null || over(found, now) ? Optional.empty() : Optional.of(found.record());
  }

  void expire(Now now) {
    kept.values()
        .removeIf(
            old -> {
              if (over(old, now)) {
                byDistance.remove(old.at());
                return true;
              }
              return false;
            });
  }

  /// Keys and values, for whoever looks into the store.
  List<KadRecord> all() {
    return kept.values().stream().map(Kept::record).toList();
  }

  private static boolean over(Kept kept, Now now) {
    return kept.until() - now.nanos() <= 0 || !kept.expires().isAfter(now.wall());
  }
}
