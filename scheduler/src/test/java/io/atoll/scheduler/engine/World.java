package io.atoll.scheduler.engine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Decision;
import io.atoll.scheduler.model.Decision.Leave;
import io.atoll.scheduler.model.Decision.Place;
import io.atoll.scheduler.model.Decision.Refuse;
import io.atoll.scheduler.model.Decision.Resume;
import io.atoll.scheduler.model.Decision.Victim;
import io.atoll.scheduler.model.Decision.Wait;
import io.atoll.scheduler.model.Decision.Way;
import io.atoll.scheduler.model.Held;
import io.atoll.scheduler.model.Held.State;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Snapshot;
import io.atoll.scheduler.model.Snapshot.Served;
import io.atoll.scheduler.model.Standing;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Task.OnPreempt;
import io.atoll.scheduler.model.Task.Sleep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What really is, counted by hand: it carries decisions out, judges each against the rules,
/// and shares no code with what decides.
final class World {
  final Map<PeerId, Provider> providers = new LinkedHashMap<>();
  final Map<TaskId, One> tasks = new LinkedHashMap<>();
  final List<String> broken = new ArrayList<>();
  final Map<Queue.Key, Long> served = new LinkedHashMap<>();
  /// Those that ended because they were told to, and are to be submitted again.
  final List<Task> ended = new ArrayList<>();

  int suspended;
  int resumed;
  int stopped;

  /// A task and where it is; no provider = it waits.
  static final class One {
    final Task task;
    @Nullable PeerId at;
    State state = State.RUNNING;
    long began;
    long since;

    /// What protects it from being driven out, as far as the rules say.
    int level;

    long guarded;

    One(Task task) {
      this.task = task;
      this.level = task.priority();
    }

    boolean runs() {
      return at != null && state == State.RUNNING;
    }
  }

  record Room(long cpu, long memory, long disk) {
    boolean holds(Resources need) {
      return need.cpuMillis() <= cpu && need.memory() <= memory && need.disk() <= disk;
    }

    Room plus(Room other) {
      return new Room(cpu + other.cpu, memory + other.memory, disk + other.disk);
    }
  }

  Room free(PeerId id) {
    Provider provider = providers.get(id);
    Resources total = provider.total();
    Room room = new Room(total.cpuMillis(), total.memory(), total.disk());
    for (One one : tasks.values()) {
      if (id.equals(one.at)) {
        Resources all = one.task.demand().resources();
        room =
            room.plus(
                new Room(
                    one.state == State.RUNNING ? -all.cpuMillis() : 0,
                    one.state == State.DEEP ? 0 : -all.memory(),
                    -all.disk()));
      }
    }
    return room;
  }

  /// By which way it would give way; null if it keeps its place.
  @Nullable Way way(One one) {
    Provider provider = providers.get(one.at);
    if (one.task.onPreempt() == OnPreempt.NEVER) {
      return null;
    }
    String driver = one.task.demand().driver();
    if (one.task.onPreempt() == OnPreempt.STOP_AND_REQUEUE
        || !provider.traits().suspends().contains(driver)) {
      return Way.STOP_AND_REQUEUE;
    }
    boolean deep =
        one.task.sleep() == Sleep.FREES_MEMORY && provider.traits().deep().contains(driver);
    return deep ? Way.SUSPEND_DEEP : Way.SUSPEND;
  }

  Room freed(One one) {
    Resources all = one.task.demand().resources();
    Way way = way(one);
    if (way == null) {
      return new Room(0, 0, 0);
    }
    return switch (way) {
      case SUSPEND -> new Room(all.cpuMillis(), 0, 0);
      case SUSPEND_DEEP -> new Room(all.cpuMillis(), all.memory(), 0);
      case STOP_AND_REQUEUE -> new Room(all.cpuMillis(), all.memory(), all.disk());
    };
  }

  /// Those on a provider that may be driven out by a priority.
  List<One> lower(PeerId id, int priority) {
    return tasks.values().stream()
        .filter(one -> id.equals(one.at) && one.runs() && one.level < priority && way(one) != null)
        .toList();
  }

  boolean suits(Task task, Provider provider) {
    String node = task.demand().where().node();
    return provider.standing() == Standing.READY
        && provider.traits().drivers().contains(task.demand().driver())
        && (node == null || node.equals(provider.name()));
  }

  void judgeAndApply(List<Decision> decisions, long now, long ageStep, long quantum) {
    for (Decision decision : decisions) {
      switch (decision) {
        case Place place -> {
          One one = tasks.get(place.task());
          if (one.at != null) {
            broken.add("placed twice: " + place);
            continue;
          }
          giveWay(place.victims(), place.provider(), one.task, one.task.demand().resources(), now);
          if (!suits(one.task, providers.get(place.provider()))) {
            broken.add("does not suit: " + place);
          }
          start(one, place.provider(), now, ageStep, quantum);
          capacity(place.provider());
        }
        case Resume resume -> {
          One one = tasks.get(resume.task());
          if (one.at == null || one.runs()) {
            broken.add("resumed what does not stand still: " + resume);
            continue;
          }
          resumed++;
          Resources all = one.task.demand().resources();
          Resources lack =
              new Resources(all.cpuMillis(), one.state == State.DEEP ? all.memory() : 0, 0);
          giveWay(resume.victims(), resume.provider(), one.task, lack, now);
          one.began += now - one.since;
          one.state = State.RUNNING;
          guard(one, one.since, now, ageStep, quantum);
          one.since = now;
          capacity(resume.provider());
        }
        case Leave leave -> {
          One one = tasks.get(leave.task());
          if (providers.get(leave.provider()).standing() != Standing.DRAINING || way(one) == null) {
            broken.add("stopped without need: " + leave);
          }
          end(one);
        }
        case Wait wait -> broken.add("a round decides only what is to be done: " + wait);
        case Refuse refuse -> broken.add("a round decides only what is to be done: " + refuse);
      }
    }
  }

  private void end(One one) {
    one.at = null;
    one.level = one.task.priority();
    one.guarded = 0;
    ended.add(one.task);
  }

  private void start(One one, PeerId id, long now, long ageStep, long quantum) {
    Queue.Key key = new Queue.Key(one.task.app(), one.task.priority());
    long since = Math.max(one.task.since(), served.getOrDefault(key, Long.MIN_VALUE));
    served.put(key, now);
    one.at = id;
    one.state = State.RUNNING;
    one.began = now;
    one.since = now;
    guard(one, since, now, ageStep, quantum);
  }

  /// Time goes on: guards end.
  void at(long now) {
    for (One one : tasks.values()) {
      if (one.guarded > 0 && one.guarded <= now) {
        one.level = one.task.priority();
        one.guarded = 0;
      }
    }
  }

  Snapshot snapshot() {
    List<Task> waiting = new ArrayList<>();
    List<Held> held = new ArrayList<>();
    for (One one : tasks.values()) {
      PeerId at = one.at;
      if (at == null) {
        waiting.add(one.task);
      } else {
        held.add(new Held(one.task, at, one.state, one.began, one.since, one.level, one.guarded));
      }
    }
    List<Served> last = new ArrayList<>();
    served.forEach((key, at) -> last.add(new Served(key.app(), key.priority(), at)));
    return new Snapshot(List.copyOf(providers.values()), waiting, held, List.of(), last, List.of());
  }

  private static void guard(One one, long since, long now, long ageStep, long quantum) {
    int level = (int) Math.min(100, one.task.priority() + (now - since) / ageStep);
    one.guarded = level > one.task.priority() ? now + quantum : 0;
    one.level = level;
  }

  private void giveWay(List<Victim> victims, PeerId id, Task to, Resources need, long now) {
    List<One> chosen = victims.stream().map(victim -> tasks.get(victim.task())).toList();
    if (!victims.isEmpty()) {
      fewest(chosen, id, to, need);
    }
    for (Victim victim : victims) {
      One one = tasks.get(victim.task());
      if (!id.equals(one.at) || !one.runs()) {
        broken.add("a victim that is not there: " + victim);
      } else if (one.level >= to.priority()) {
        broken.add("a victim that is not lower: " + victim + " for " + to.id());
      } else if (way(one) != victim.way()) {
        broken.add("a victim in another way than it wants: " + victim);
      }
      switch (victim.way()) {
        case SUSPEND, SUSPEND_DEEP -> {
          suspended++;
          one.state = victim.way() == Way.SUSPEND ? State.SLEEPING : State.DEEP;
          one.since = now;
          one.level = one.task.priority();
          one.guarded = 0;
        }
        case STOP_AND_REQUEUE -> {
          stopped++;
          end(one);
        }
      }
    }
  }

  /// No smaller set would have done, on this provider; nor as small a one that loses less.
  private void fewest(List<One> chosen, PeerId id, Task to, Resources need) {
    List<One> lower = lower(id, to.priority());
    if (free(id).holds(need)) {
      broken.add("victims without need, for " + to.id());
    }
    int size = chosen.size();
    int best = Integer.MAX_VALUE;
    int level = Integer.MAX_VALUE;
    long began = Long.MIN_VALUE;
    if (lower.size() > 12) {
      return;
    }
    for (int set = 1; set < 1 << lower.size(); set++) {
      Room room = free(id);
      int highest = 0;
      long sum = 0;
      for (int i = 0; i < lower.size(); i++) {
        if ((set & (1 << i)) != 0) {
          room = room.plus(freed(lower.get(i)));
          highest = Math.max(highest, lower.get(i).level);
          sum += lower.get(i).began;
        }
      }
      int count = Integer.bitCount(set);
      boolean less =
          count < best || (count == best && (highest < level || (highest == level && sum > began)));
      if (less && room.holds(need)) {
        best = count;
        level = highest;
        began = sum;
      }
    }
    int chosenLevel = chosen.stream().mapToInt(one -> one.level).max().orElse(0);
    long chosenBegan = chosen.stream().mapToLong(one -> one.began).sum();
    if (size > best) {
      broken.add("too many victims: " + size + " where " + best + " do, for " + to.id());
    } else if (size < best) {
      broken.add("too few victims: " + size + " where it takes " + best + ", for " + to.id());
    } else if (chosenLevel > level || (chosenLevel == level && chosenBegan < began)) {
      broken.add("victims that lose more than others would, for " + to.id());
    }
  }

  private void capacity(PeerId id) {
    Room free = free(id);
    if (free.cpu < 0 || free.memory < 0 || free.disk < 0) {
      broken.add("more on " + id + " than it has: " + free);
    }
  }

  /// Nobody waits who would fit, be it by driving out less urgent ones.
  void nobodyWaitsInVain(long now) {
    for (One one : tasks.values()) {
      if (one.at == null) {
        for (Provider provider : providers.values()) {
          if (suits(one.task, provider)
              && fits(provider.id(), one.task.priority(), one.task.demand().resources())) {
            broken.add(
                "it waits in vain at " + now + ": " + one.task.id() + " on " + provider.name());
            break;
          }
        }
      } else if (providers.get(one.at).standing() == Standing.DRAINING && way(one) != null) {
        broken.add("it is still where all must leave: " + one.task.id());
      } else if (one.state == State.SLEEPING || one.state == State.DEEP) {
        Resources all = one.task.demand().resources();
        Resources lack =
            new Resources(all.cpuMillis(), one.state == State.DEEP ? all.memory() : 0, 0);
        if (fits(one.at, one.task.priority(), lack)) {
          broken.add("it stands still in vain at " + now + ": " + one.task.id());
        }
      }
    }
  }

  private boolean fits(PeerId id, int priority, Resources need) {
    Room room = free(id);
    for (One lower : lower(id, priority)) {
      room = room.plus(freed(lower));
    }
    return room.holds(need);
  }
}
