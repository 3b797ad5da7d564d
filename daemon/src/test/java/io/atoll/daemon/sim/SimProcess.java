package io.atoll.daemon.sim;

import io.atoll.core.time.Now;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// A daemon's loop: takes events, decides, commits, acts; and dies between any two of these.
///
/// @param <E> what it is told
/// @param <D> what it decides
abstract class SimProcess<E, D> {
  private static final int GROUP = 8;

  final World world;
  final String name;
  boolean up;

  /// Grows with each start; whatever belongs to an older life does nothing.
  long life;

  /// Since when it has been up and not frozen.
  long steadySince;

  long frozenUntil;
  private long clockOffset;
  long wallOffset;
  private boolean busy;
  private final ArrayDeque<E> inbox = new ArrayDeque<>();

  SimProcess(World world, String name) {
    this.world = world;
    this.name = name;
  }

  Now now() {
    return new Now(
        world.time + clockOffset, World.EPOCH.plusNanos(world.time).plusMillis(wallOffset));
  }

  void start() {
    if (up) {
      return;
    }
    up = true;
    life++;
    busy = false;
    steadySince = world.time;
    frozenUntil = world.time;
    clockOffset = world.between(-World.SECOND * 1000, World.SECOND * 1000);
    inbox.clear();
    world.log(name + " starts");
    started();
  }

  void crash() {
    if (up) {
      up = false;
      life++;
      inbox.clear();
      world.log(name + " dies");
      died();
    }
  }

  void freeze(long duration) {
    frozenUntil = Math.max(frozenUntil, world.time + duration);
    steadySince = frozenUntil;
    world.log(name + " freezes for " + duration / World.MILLI + " ms");
  }

  boolean frozen() {
    return world.time < frozenUntil;
  }

  /// Does something later, if it still lives this life then.
  void later(long delay, Runnable what) {
    long now = life;
    world.at(
        delay,
        () -> {
          if (up && life == now) {
            what.run();
          }
        });
  }

  void offer(E event) {
    if (up) {
      inbox.addLast(event);
      pump();
    }
  }

  private void pump() {
    if (!busy && !inbox.isEmpty()) {
      busy = true;
      long wait = Math.max(0, frozenUntil - world.time);
      later(wait + world.between(10_000, 200_000), this::decideAll);
    }
  }

  private void decideAll() {
    List<D> group = new ArrayList<>();
    while (!inbox.isEmpty() && group.size() < GROUP) {
      if (!group.isEmpty() && needsAllCommitted(inbox.peekFirst())) {
        break;
      }
      group.add(decide(inbox.pollFirst()));
    }
    if (diesHere()) {
      return;
    }
    if (world.bugs.contains(Bug.ACT_BEFORE_COMMIT)) {
      act(group, 0, 0, () -> later(world.between(50_000, 3_000_000), () -> commitAll(group, true)));
    } else {
      later(world.between(50_000, 3_000_000), () -> commitAll(group, false));
    }
  }

  private void commitAll(List<D> group, boolean acted) {
    if (diesHere()) {
      return;
    }
    if (!commit(group)) {
      busy = false;
      return;
    }
    if (diesHere()) {
      return;
    }
    if (acted) {
      done();
    } else {
      act(group, 0, 0, this::done);
    }
  }

  private void act(List<D> group, int decision, int action, Runnable after) {
    int d = decision;
    int a = action;
    while (d < group.size() && a >= actions(group.get(d)).size()) {
      d++;
      a = 0;
    }
    if (d == group.size()) {
      after.run();
      return;
    }
    actions(group.get(d)).get(a).run();
    if (!up || diesHere()) {
      return;
    }
    int nextD = d;
    int nextA = a + 1;
    later(world.between(1_000, 20_000), () -> act(group, nextD, nextA, after));
  }

  private void done() {
    busy = false;
    idle();
    pump();
  }

  private boolean diesHere() {
    if (world.chaos && world.crashChance > 0 && world.chance(world.crashChance)) {
      crash();
      later0(world.between(5 * World.MILLI, 8 * World.SECOND));
      return true;
    }
    return false;
  }

  /// Starts again after a while.
  void later0(long delay) {
    world.at(delay, this::start);
  }

  abstract void started();

  abstract void died();

  /// Whether the event may only be decided on once all earlier decisions are committed.
  abstract boolean needsAllCommitted(E event);

  abstract D decide(E event);

  /// @return false if nothing is to be done: the process starts its life anew
  abstract boolean commit(List<D> group);

  abstract List<Runnable> actions(D decision);

  /// Called when a group is done.
  void idle() {}
}
