package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Traits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The providers: each has a slot, and is of a class of equal traits.
final class Pool {
  private static final Comparator<Slot> BY_NUMBER =
      Comparator.comparingLong((Slot slot) -> slot.number).thenComparingInt(slot -> slot.index);

  /// Null where a provider is no more; the next one gets its place.
  final List<@Nullable Slot> slots = new ArrayList<>();

  /// By the number that slots name them with.
  final List<Traits> traits = new ArrayList<>();

  /// Grows with each change.
  long version;

  private final Map<PeerId, Slot> byId = new HashMap<>();
  private final ArrayDeque<Integer> unused = new ArrayDeque<>();
  private final Map<Traits, Integer> numbers = new HashMap<>();
  private final Map<String, TreeSet<Slot>> images = new HashMap<>();

  Slot add(Provider provider) {
    Integer index = unused.poll();
    Slot slot = new Slot(index == null ? slots.size() : index, provider);
    if (index == null) {
      slots.add(slot);
    } else {
      slots.set(index, slot);
    }
    byId.put(provider.id(), slot);
    know(slot);
    return slot;
  }

  void change(Slot slot, Provider now) {
    forgetImages(slot);
    slot.become(now);
    know(slot);
  }

  void remove(Slot slot) {
    forgetImages(slot);
    byId.remove(slot.provider.id());
    slots.set(slot.index, null);
    unused.add(slot.index);
    version++;
  }

  @Nullable Slot find(PeerId id) {
    return byId.get(id);
  }

  List<Slot> all() {
    return List.copyOf(byId.values());
  }

  /// Those of some indices that are there, in the order of these.
  List<Slot> at(BitSet indices) {
    List<Slot> found = new ArrayList<>();
    for (int i = indices.nextSetBit(0); i >= 0; i = indices.nextSetBit(i + 1)) {
      Slot slot = i < slots.size() ? slots.get(i) : null;
      if (slot != null) {
        found.add(slot);
      }
    }
    return found;
  }

  Set<Slot> withImage(String image) {
    return images.getOrDefault(image, new TreeSet<>(BY_NUMBER));
  }

  int size() {
    return byId.size();
  }

  private void know(Slot slot) {
    version++;
    slot.traits =
        numbers.computeIfAbsent(
            slot.provider.traits(),
            unknown -> {
              traits.add(unknown);
              return traits.size() - 1;
            });
    for (String image : slot.provider.images()) {
      images.computeIfAbsent(image, i -> new TreeSet<>(BY_NUMBER)).add(slot);
    }
  }

  private void forgetImages(Slot slot) {
    for (String image : slot.provider.images()) {
      TreeSet<Slot> with = images.get(image);
      if (with != null && with.remove(slot) && with.isEmpty()) {
        images.remove(image);
      }
    }
  }
}
