package io.atoll.vpn.wireguard;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Whose an index is by which the other side names a session or a handshake. Indices are random and
/// global: they say nothing of identity or peer. An index' last bits are its place in the table, so
/// readers need no lock and make no garbage; changes are the engine's, under its lock.
final class IndexTable {

  /// What an index leads to.
  sealed interface Slot permits Keypair, HalfOpen {
    int index();

    Peer peer();
  }

  private static final int SPARSE = 4;

  private final RandomGenerator random;
  private volatile AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(256);
  private int count;

  IndexTable(RandomGenerator random) {
    this.random = random;
  }

  @Nullable Slot find(int index) {
    AtomicReferenceArray<@Nullable Slot> table = slots;
    Slot slot = table.get(index & (table.length() - 1));
    return slot != null && slot.index() == index ? slot : null;
  }

  /// An index that is free, for `put`.
  int free() {
    if ((count + 1) * SPARSE > slots.length()) {
      grow();
    }
    while (true) {
      int index = random.nextInt();
      if (slots.get(index & (slots.length() - 1)) == null) {
        return index;
      }
    }
  }

  /// In place of what had its index before.
  void put(Slot slot) {
    int at = slot.index() & (slots.length() - 1);
    if (slots.getAndSet(at, slot) == null) {
      count++;
    }
  }

  /// Nothing happens if the index leads elsewhere by now.
  void remove(Slot slot) {
    if (slots.compareAndSet(slot.index() & (slots.length() - 1), slot, null)) {
      count--;
    }
  }

  int count() {
    return count;
  }

  private void grow() {
    AtomicReferenceArray<@Nullable Slot> old = slots;
    // What had places of its own keeps them: more bits only tell more apart.
    AtomicReferenceArray<@Nullable Slot> wider = new AtomicReferenceArray<>(old.length() * 2);
    for (int i = 0; i < old.length(); i++) {
      Slot slot = old.get(i);
      if (slot != null) {
        wider.set(slot.index() & (wider.length() - 1), slot);
      }
    }
    slots = wider;
  }
}
