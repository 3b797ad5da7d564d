package io.atoll.daemon.hub.machine;

import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.core.time.Now;
import io.atoll.daemon.store.RunRow;
import java.time.Duration;
import java.util.List;

/// Who is silent, since when, and what that means. Counts on the monotonic clock only.
///
/// ```
/// last heard     3 beats          lease                lease + margin
///     │ ONLINE ────→│ SUSPECT ──────→│ LOST ──────────────→│ its STOP and REPLACE runs are given
///     up
///                   no new tasks     providers stop those by themselves
/// ```
/// Silence is not death. Nobody is judged before one lease after the hub started or stood still
/// itself; and when many fall silent together, the network is blamed and nothing is given up for a
/// while.
final class Leases {
  private static final int MISSED = 3;

  /// From how many nodes on the brake works, and which share of them (1/5) sets it off.
  private static final int BRAKE_FROM = 5;

  private static final int BRAKE_SHARE = 5;

  private final Memory memory;
  private final Runs runs;
  private long lastStep;
  private long judgeFrom;

  Leases(Memory memory, Runs runs, Now start) {
    this.memory = memory;
    this.runs = runs;
    this.lastStep = start.nanos();
    this.judgeFrom = start.nanos() + memory.config.lease().toNanos();
  }

  /// Called with each step: a long pause between two is the hub's own fault.
  void notice(Now now) {
    if (now.nanos() - lastStep > memory.config.stall().toNanos()) {
      judgeFrom = now.nanos() + memory.config.lease().toNanos();
    }
    lastStep = now.nanos();
  }

  void heard(Step step, LiveNode node) {
    node.heard = step.now.nanos();
    node.gaveUp = false;
    node.braked = false;
    if (node.state != LiveNode.State.ONLINE) {
      move(step, node, LiveNode.State.ONLINE, "node.online", node.name() + " is here");
      memory.grown(node);
    }
  }

  /// Its session ended. It may be back in a moment; until then it gets nothing new.
  void cutOff(Step step, LiveNode node) {
    if (node.state == LiveNode.State.ONLINE) {
      move(
          step,
          node,
          LiveNode.State.SUSPECT,
          "node.suspect",
          "the connection to " + node.name() + " ended");
    }
  }

  private void move(Step step, LiveNode node, LiveNode.State state, String type, String detail) {
    node.state = state;
    node.changedAt = step.now.wall();
    node.changed();
    step.event(type, null, node.id, null, detail);
  }

  void judge(Step step) {
    long now = step.now.nanos();
    if (now < judgeFrom) {
      return;
    }
    long lease = memory.config.lease().toNanos();
    long margin = memory.config.margin().toNanos();
    for (LiveNode node : List.copyOf(memory.nodes.values())) {
      long silence = now - node.heard;
      if (silence >= lease && node.state != LiveNode.State.LOST) {
        move(
            step,
            node,
            LiveNode.State.LOST,
            "node.lost",
            node.name() + " has been silent for " + seconds(silence));
      } else if (silence >= MISSED * memory.config.heartbeat().toNanos()
          && node.state == LiveNode.State.ONLINE) {
        move(
            step,
            node,
            LiveNode.State.SUSPECT,
            "node.suspect",
            node.name() + " has been silent for " + seconds(silence));
      }
      if (node.state == LiveNode.State.LOST
          && silence >= lease + margin
          && !node.gaveUp
          && !isHeldBack(step, node, silence)) {
        node.gaveUp = true;
        giveUp(step, node, silence);
      }
    }
  }

  /// The mass-loss brake: more than a fifth of at least five nodes fell silent within one lease.
  private boolean isHeldBack(Step step, LiveNode node, long silence) {
    long lease = memory.config.lease().toNanos();
    long fullHold = lease + memory.config.margin().toNanos() + memory.config.brakeHold().toNanos();
    if (silence >= fullHold) {
      return false;
    }
    int there = 0;
    int together = 0;
    for (LiveNode other : memory.nodes.values()) {
      long apart = other.heard - node.heard;
      boolean silent = other.state == LiveNode.State.LOST || other.state == LiveNode.State.SUSPECT;
      if (apart >= -lease || !silent) {
        there++;
      }
      if (silent && Math.abs(apart) <= lease) {
        together++;
      }
    }
    boolean brake = there >= BRAKE_FROM && together * BRAKE_SHARE > there;
    if (brake && !node.braked) {
      node.braked = true;
      step.event(
          "cluster.brake",
          null,
          node.id,
          null,
          together
              + " of "
              + there
              + " nodes fell silent together: this looks like the hub's own network, nothing is"
              + " given up for now");
    }
    return brake;
  }

  private void giveUp(Step step, LiveNode node, long silence) {
    for (RunId run : List.copyOf(node.assigned.keySet())) {
      LiveTask task = memory.tasks.get(run.task());
      RunRow open = task == null ? null : task.openRun();
      if (task == null || open == null || !open.id().equals(run)) {
        continue;
      }
      String detail = "its node " + node.name() + " was silent for " + seconds(silence);
      switch (task.spec.onDisconnect()) {
        case KEEP -> {}
        case STOP -> runs.end(step, task, new Exit(Exit.Cause.STOPPED, 125, detail));
        case REPLACE -> runs.end(step, task, Exit.lost(detail));
      }
    }
  }

  private static String seconds(long nanos) {
    return Duration.ofNanos(nanos).toSeconds() + " s";
  }
}
