package io.atoll.scheduler.engine;

import io.atoll.scheduler.engine.Placer.Choice;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Leave;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Resume;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Group;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Policy;
import io.atoll.scheduler.model.Snapshot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Decides for all that wait, whether in a line or standing still on a provider: the one with
/// the most weight first. What fits nowhere holds up nobody, and is looked at again where
/// something grew.
///
/// A round is one pass after the other, until nothing grows any more. A slot where somebody
/// gave way in a pass takes nobody else before the next one; so within a pass room only
/// shrinks, and what was found to fit nowhere need not be asked again.
public final class Rounds {
  /// What is to be done, in this order.
  ///
  /// @param more whether the limit was reached and another round may find more
  public record Round(List<Decision> decisions, boolean more) {
    public Round {
      decisions = List.copyOf(decisions);
    }
  }

  private final Index index;
  private final Placer placer;
  private final long now;
  private final int limit;
  private final List<Decision> decisions = new ArrayList<>();
  private boolean full;

  /// One of those that go together found a place, and another did not: it needs less now.
  private boolean regrouped;

  private Rounds(Index index, long now, int limit) {
    this.index = index;
    this.placer = new Placer(index, index.grown);
    this.now = now;
    this.limit = limit;
  }

  /// The decisions for a snapshot: a pure function.
  public static Round decide(Snapshot snapshot, Policy policy, long now, int limit) {
    return decide(Cluster.of(snapshot, policy), now, limit);
  }

  /// The same, and the cluster is afterwards as if they had been carried out.
  ///
  /// @param limit how many tasks are placed or resumed at most, but for groups that go together
  public static Round decide(Cluster cluster, long now, int limit) {
    return new Rounds(cluster.index, now, limit).run();
  }

  private Round run() {
    index.now = now;
    index.expire(now);
    boolean somethingGrew = !index.grown.isEmpty();
    drain();
    do {
      pass();
    } while (!full && (regrouped || !index.grown.isEmpty()));
    if (somethingGrew && !full) {
      index.claims.stake(placer, now);
    }
    return new Round(decisions, full);
  }

  /// Who is on a provider that is to be empty leaves it, but those that keep their places.
  private void drain() {
    List<Live> leaving =
        index.pool.at(index.grown).stream()
            .filter(Slot::draining)
            .flatMap(slot -> slot.there.stream())
            .filter(live -> live.state != State.PARKED && live.way() != null)
            .sorted(Live.BY_AGE)
            .toList();
    for (Live live : leaving) {
      decisions.add(new Leave(live.task.id(), live.place().provider.id()));
      stop(live);
    }
  }

  private void pass() {
    BitSet grown = (BitSet) index.grown.clone();
    List<Slot> slots = index.pool.at(grown);
    index.grown.clear();
    index.pass++;
    regrouped = false;
    PriorityQueue<Turn> turns = turns(slots);
    for (Turn turn = turns.poll(); turn != null; turn = turns.poll()) {
      if (decisions.size() >= limit) {
        full = true;
        index.grown.or(grown);
        return;
      }
      Live sleeper = turn.sleeper();
      Queue queue = turn.queue();
      if (sleeper != null) {
        wake(sleeper);
      } else if (queue != null && !queue.all.isEmpty()) {
        Turn by = Turn.of(queue, index);
        // Its app got more meanwhile: others may be before it by now.
        if (Turn.ORDER.compare(by, turn) > 0) {
          turns.add(by);
        } else if (serve(queue, slots)) {
          turns.add(Turn.of(queue, index));
        }
      }
    }
  }

  private PriorityQueue<Turn> turns(List<Slot> grown) {
    PriorityQueue<Turn> turns = new PriorityQueue<>(Turn.ORDER);
    for (Queue queue : index.waiting.queues(!grown.isEmpty())) {
      turns.add(Turn.of(queue, index));
    }
    grown.stream()
        .filter(slot -> slot.sleepers > 0)
        .forEach(slot -> placer.awakening(slot).forEach(one -> turns.add(Turn.of(one, index))));
    return turns;
  }

  private void wake(Live live) {
    Slot slot = live.slot;
    if (slot == null || !live.sleeps()) {
      return;
    }
    Choice choice = placer.wake(live, slot);
    if (choice != null) {
      List<Victim> victims = giveWay(choice);
      index.wake(live, now);
      decisions.add(new Resume(live.task.id(), slot.provider.id(), victims));
    }
  }

  /// Gives the first of the queue's lines that fits a place.
  ///
  /// @return whether there is more to look at
  private boolean serve(Queue queue, List<Slot> grown) {
    boolean all = !grown.isEmpty();
    Line line = queue.next(all, index.pass);
    while (line != null) {
      Live head = line.head();
      Choice choice = attempt(line, head, grown);
      if (choice != null) {
        place(head, choice);
        bringAlong(head, choice.slot());
        return queue.next(all, index.pass) != null;
      }
      index.waiting.close(line, index.pass);
      line = queue.next(all, index.pass);
    }
    return false;
  }

  private @Nullable Choice attempt(Line line, Live head, List<Slot> grown) {
    DemandClass demand = line.key.demand();
    int priority = head.task.priority();
    if (line.plain && head.claimed == null && demand.failed(index.pass, priority)) {
      return null;
    }
    Choice choice = placer.choose(head, line.tried ? grown : null);
    if (choice == null && line.plain) {
      demand.fail(index.pass, priority);
    }
    return choice;
  }

  private void place(Live live, Choice choice) {
    List<Victim> victims = giveWay(choice);
    index.place(live, choice.slot(), now);
    decisions.add(new Place(live.task.id(), choice.slot().provider.id(), victims));
  }

  /// The room that the first of those that go together has found is for all of them.
  private void bringAlong(Live first, Slot slot) {
    Group group = first.task.group();
    if (group != null && group.layout() == Group.Layout.TOGETHER) {
      for (Live live : index.gatherings.companions(first.task)) {
        Choice choice = placer.beside(live, slot);
        if (choice != null) {
          place(live, choice);
        } else {
          regrouped = true;
        }
      }
    }
  }

  private List<Victim> giveWay(Choice choice) {
    List<Victim> victims = new ArrayList<>();
    for (Live live : choice.victims()) {
      Way way = live.way();
      if (way == null) {
        throw new IllegalStateException("task " + live.task.id() + " keeps its place");
      }
      victims.add(new Victim(live.task.id(), way));
      switch (way) {
        case SUSPEND -> index.turn(live, State.SLEEPING, now);
        case SUSPEND_DEEP -> index.turn(live, State.DEEP, now);
        case STOP_AND_REQUEUE -> stop(live);
      }
    }
    return victims;
  }

  /// It is known again when whoever asked submits it again, because it has really ended.
  private void stop(Live live) {
    index.leave(live);
    index.drop(live);
  }
}
