package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Snapshot;
import io.atoll.scheduler.model.Snapshot.Claim;
import io.atoll.scheduler.model.Snapshot.Served;
import io.atoll.scheduler.model.Task;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Providers and tasks, indexed. Owned by one thread, which tells it what happened and lets
/// `Rounds` decide; a decision is in here as soon as it is made.
///
/// Nothing here is more than an index: `snapshot()` has all that decisions depend on, and a
/// cluster made of that decides the same (as long as no more than `Policy.candidates` providers
/// come into question at once where others must give way).
public final class Cluster {
  final Index index;

  public Cluster(Policy policy) {
    this.index = new Index(policy);
  }

  public static Cluster of(Snapshot snapshot, Policy policy) {
    Cluster cluster = new Cluster(policy);
    snapshot.providers().forEach(cluster::put);
    for (Served served : snapshot.served()) {
      cluster.index.waiting.served(new Queue.Key(served.app(), served.priority()), served.at());
    }
    snapshot
        .roundTrips()
        .forEach(trip -> cluster.measured(trip.one(), trip.other(), trip.millis()));
    snapshot.held().forEach(cluster::adopt);
    snapshot.waiting().forEach(cluster::submit);
    for (Claim claim : snapshot.claims()) {
      Slot slot = cluster.index.pool.find(claim.provider());
      Live live = cluster.index.find(claim.task());
      if (slot != null && live != null) {
        cluster.index.claims.claim(slot, live);
      }
    }
    return cluster;
  }

  public Snapshot snapshot() {
    List<Provider> providers = new ArrayList<>();
    List<Held> held = new ArrayList<>();
    List<Task> lines = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (Slot slot : index.pool.all()) {
      providers.add(slot.provider);
      slot.there.forEach(live -> held.add(live.held(slot)));
      Live claimant = slot.claim;
      if (claimant != null) {
        claims.add(new Claim(claimant.task.id(), slot.provider.id()));
      }
    }
    index.waiting.lines().forEach(line -> line.waiting.forEach(live -> lines.add(live.task)));
    List<Served> served = new ArrayList<>();
    index
        .waiting
        .lastServed()
        .forEach((key, at) -> served.add(new Served(key.app(), key.priority(), at)));
    return new Snapshot(providers, lines, held, index.gatherings.roundTrips(), served, claims);
  }

  /// A provider joined, or is another than before.
  public void put(Provider provider) {
    Slot slot = index.pool.find(provider.id());
    if (slot == null) {
      slot = index.pool.add(provider);
    } else {
      slot.there.forEach(index.yielding::remove);
      index.shares.pool(slot.provider.total(), -1);
      index.gatherings.unnamed(slot.provider);
      index.pool.change(slot, provider);
      slot.there.forEach(index.yielding::add);
      Live claimant = slot.claim;
      if (claimant != null && !slot.ready()) {
        index.claims.release(claimant);
      }
    }
    index.shares.pool(provider.total(), 1);
    index.gatherings.named(provider);
    index.grew(slot);
  }

  /// A provider is no more; what was there is forgotten.
  ///
  /// @return what was there
  public List<Held> remove(PeerId id) {
    Slot slot = index.pool.find(id);
    if (slot == null) {
      return List.of();
    }
    List<Held> there = new ArrayList<>();
    for (Live live : List.copyOf(slot.there)) {
      there.add(live.held(slot));
      index.leave(live);
      index.drop(live);
    }
    Live claimant = slot.claim;
    if (claimant != null) {
      index.claims.release(claimant);
    }
    index.shares.pool(slot.provider.total(), -1);
    index.gatherings.unnamed(slot.provider);
    index.pool.remove(slot);
    index.rooms.changed(slot.index);
    index.grown.clear(slot.index);
    return there;
  }

  /// A round trip between two nodes was measured.
  public void measured(PeerId one, PeerId other, int millis) {
    index.gatherings.roundTrip(one.text(), other.text(), millis);
  }

  public void submit(Task task) {
    index.await(index.take(task));
  }

  /// A task that has a place already. Its provider is known.
  public void adopt(Held held) {
    Slot slot = index.pool.find(held.provider());
    if (slot == null) {
      throw new IllegalArgumentException("provider " + held.provider() + " is not known");
    }
    Live live = index.take(held.task());
    live.become(held);
    index.enter(live, slot);
    if (live.state != State.RUNNING || slot.draining()) {
      index.grown.set(slot.index);
    }
  }

  /// A task ended, or is wanted no longer. No effect if it is not known.
  public void forget(TaskId id, long now) {
    Live live = index.find(id);
    if (live == null) {
      return;
    }
    Slot slot = live.slot;
    if (slot == null) {
      index.unwait(live);
    } else {
      index.lengths.ended(live.task, live.held(slot).ran(now));
      index.leave(live);
    }
    index.drop(live);
  }

  /// A task lost its place and waits again, as old as it is.
  public void requeue(TaskId id) {
    Live live = index.live(id);
    if (live.slot != null) {
      index.leave(live);
      index.await(live);
    }
  }

  /// Its owner lets a task stand still where it is. It goes on after `unpark`, when there is
  /// room.
  public void park(TaskId id, long now) {
    index.turn(index.live(id), State.PARKED, now);
  }

  public void unpark(TaskId id) {
    Live live = index.live(id);
    if (live.state == State.PARKED) {
      index.turn(live, State.SLEEPING, live.at);
    }
  }

  /// What the task has, null if it waits or is not known.
  public @Nullable Held held(TaskId id) {
    Live live = index.find(id);
    if (live == null) {
      return null;
    }
    Slot slot = live.slot;
    return slot == null ? null : live.held(slot);
  }

  public boolean knows(TaskId id) {
    return index.find(id) != null;
  }

  public int waiting() {
    return index.waiting.size();
  }

  public int tasks() {
    return index.size();
  }
}
