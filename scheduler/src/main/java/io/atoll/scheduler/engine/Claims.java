package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Keeps providers free for tasks that waited too long. Small tasks fill each gap that becomes
/// free, so that a large one, however old, might never find one large enough; the provider that
/// is kept for it takes nobody else until it fits (the first of the queue's reservation: Lifka,
/// 1995).
final class Claims {
  private final Index index;
  private int size;

  Claims(Index index) {
    this.index = index;
  }

  void claim(Slot slot, Live live) {
    slot.claim = live;
    live.claimed = slot;
    size++;
  }

  /// A task needs it no longer, or cannot have it.
  void release(Live live) {
    Slot slot = live.claimed;
    if (slot != null) {
      slot.claim = null;
      live.claimed = null;
      size--;
      index.grew(slot);
    }
  }

  /// A slot that is kept free is for who claimed it, and for who is more urgent than that one
  /// has become.
  boolean allow(Live live, Slot slot) {
    Live claimant = slot.claim;
    if (claimant == null || claimant == live) {
      return true;
    }
    long gained = (index.now - claimant.task.since()) / index.policy.ageStep();
    return live.task.priority() > claimant.task.priority() + gained;
  }

  /// Lets those claim that waited so long.
  void stake(Placer placer, long now) {
    long most = (index.pool.size() * (long) index.policy.claims() + 99) / 100;
    if (size >= most) {
      return;
    }
    for (Live live : tired(now)) {
      Resources need = index.gatherings.needs(live.task);
      Slot slot =
          placer.roomiest(
              live,
              one ->
                  one.claim == null
                      && need.fitsIn(one.provider.total().minus(one.provider.foreign())));
      if (slot != null) {
        claim(slot, live);
      }
      if (size >= most) {
        return;
      }
    }
  }

  /// Heads of lines, the most urgent first, but those that no provider could ever take.
  private List<Live> tired(long now) {
    List<Live> tired = new ArrayList<>();
    for (Queue queue : index.waiting.queues(true)) {
      for (Line line : queue.all) {
        Live head = line.head();
        if (now - head.task.since() < index.policy.claimAfter()) {
          break;
        }
        if (head.claimed == null && line.key.demand().hasHope(index.pool)) {
          tired.add(head);
        }
      }
    }
    tired.sort(
        Comparator.comparingInt((Live live) -> -live.task.priority()).thenComparing(Live.BY_AGE));
    return tired;
  }
}
