package io.atoll.scheduler.engine;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The indexes over what is free, and over what would be if less urgent tasks gave way. One is
/// made when it is first asked for; a slot that changed is put right in those that are asked.
final class Rooms {
  /// No priority: what is free, by how much that is, and by price.
  private static final int FREE = 0;

  private static final int PRICE = -1;

  /// So many are kept, those that were asked last.
  private static final int MOST = 16;

  private final long seed;
  private final List<@Nullable Slot> slots;
  private final Map<Integer, Level> levels = new LinkedHashMap<>(16, 0.75f, true);

  /// An index and the slots that changed since it was last asked.
  private static final class Level {
    final RoomIndex index;
    final BitSet stale = new BitSet();

    Level(long seed) {
      this.index = new RoomIndex(seed);
    }
  }

  Rooms(long seed, List<@Nullable Slot> slots) {
    this.seed = seed;
    this.slots = slots;
  }

  void changed(int slot) {
    for (Level level : levels.values()) {
      level.stale.set(slot);
    }
  }

  /// Ordered by what is free.
  RoomIndex free() {
    return below(FREE);
  }

  /// With what would be free for a priority, in an order that means nothing. (An order by room
  /// would have to be mended with each change.)
  RoomIndex below(int priority) {
    Level level = levels.get(priority);
    if (level == null) {
      level = new Level(seed);
      level.stale.set(0, slots.size());
      levels.put(priority, level);
      if (levels.size() > MOST) {
        levels.remove(levels.keySet().iterator().next());
      }
    }
    settle(level, priority);
    return level.index;
  }

  /// Ordered by price, with what is free.
  RoomIndex cheapest() {
    return below(PRICE);
  }

  private void settle(Level level, int priority) {
    for (int i = level.stale.nextSetBit(0); i >= 0; i = level.stale.nextSetBit(i + 1)) {
      Slot slot = slots.get(i);
      if (slot == null || !slot.ready()) {
        level.index.remove(i);
      } else {
        Amount room = priority <= FREE ? slot.free : slot.roomNow(priority);
        double order =
            switch (priority) {
              case PRICE -> slot.provider.price();
              case FREE -> room.size();
              default -> 0;
            };
        long bits = DemandClass.bit(slot.traits);
        level.index.put(i, slot.number, order, room.cpu, room.memory, room.disk, bits);
      }
    }
    level.stale.clear();
  }
}
