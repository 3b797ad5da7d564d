package io.atoll.daemon.golem;

import io.atoll.core.json.Json;
import io.atoll.daemon.hub.ForeignDesk;
import io.atoll.daemon.store.NoteRow;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notes of one kind, as they are in the hub's store; nobody else writes them. What is put is on
/// disk before it is seen.
final class Shelf<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Shelf.class);

  private final Supplier<ForeignDesk> desk;
  private final String space;
  private final Class<T> type;
  private volatile @Nullable Map<String, T> notes;

  /// @param space among the hub's notes
  Shelf(Supplier<ForeignDesk> desk, String space, Class<T> type) {
    this.desk = desk;
    this.space = space;
    this.type = type;
  }

  Optional<T> get(String id) {
    return Optional.ofNullable(notes().get(id));
  }

  List<T> all() {
    return List.copyOf(notes().values());
  }

  void put(String id, T note) throws InterruptedException {
    Map<String, T> known = notes();
    desk.get().keep(new NoteRow(space, id, Json.write(note)));
    known.put(id, note);
  }

  void drop(String id) throws InterruptedException {
    Map<String, T> known = notes();
    desk.get().drop(space, id);
    known.remove(id);
  }

  private Map<String, T> notes() {
    Map<String, T> known = notes;
    return known != null ? known : load();
  }

  private synchronized Map<String, T> load() {
    Map<String, T> known = notes;
    if (known == null) {
      known = new ConcurrentHashMap<>();
      for (NoteRow row : desk.get().notes(space)) {
        try {
          known.put(row.id(), Json.read(row.body(), type));
        } catch (IOException | IllegalArgumentException e) {
          LOG.warn("a note of {} cannot be read, and is left alone: {}", space, row.id(), e);
        }
      }
      notes = known;
    }
    return known;
  }
}
