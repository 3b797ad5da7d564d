package io.atoll.scheduler.model;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Resources;
import io.atoll.scheduler.model.Demand.Right;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// One change to a task that brings it nearer to a provider, no larger than it must be.
public sealed interface Adjustment {
  /// The task with it.
  Task apply(Task task);

  /// How much it asks of the task's owner. Less of a change always costs less, so the cheapest
  /// changes are the smallest ones.
  ///
  /// @param task as it is
  double cost(Task task);

  /// Half of it, rounded down; nothing where that is nothing.
  default Optional<Adjustment> halved() {
    return Optional.empty();
  }

  enum Part {
    CPU,
    MEMORY,
    DISK;

    public long of(Resources resources) {
      return switch (this) {
        case CPU -> resources.cpuMillis();
        case MEMORY -> resources.memory();
        case DISK -> resources.disk();
      };
    }
  }

  /// It makes do with less.
  ///
  /// @param by thousandths of a core, or bytes
  record Less(Part part, long by) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Resources was = task.demand().resources();
      Resources now =
          switch (part) {
            case CPU -> new Resources(was.cpuMillis() - by, was.memory(), was.disk());
            case MEMORY -> new Resources(was.cpuMillis(), was.memory() - by, was.disk());
            case DISK -> new Resources(was.cpuMillis(), was.memory(), was.disk() - by);
          };
      return task.demand(task.demand().resources(now));
    }

    @Override
    public double cost(Task task) {
      return 10.0 * by / Math.max(1, part.of(task.demand().resources()));
    }

    @Override
    public Optional<Adjustment> halved() {
      return by < 2 ? Optional.empty() : Optional.of(new Less(part, by / 2));
    }
  }

  record OtherDriver(String driver) implements Adjustment {
    @Override
    public Task apply(Task task) {
      return task.demand(task.demand().driver(driver));
    }

    @Override
    public double cost(Task task) {
      return 30;
    }
  }

  record Without(Right right) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Set<Right> left = new HashSet<>(task.demand().rights());
      left.remove(right);
      return task.demand(task.demand().rights(left));
    }

    @Override
    public double cost(Task task) {
      return 20;
    }
  }

  record OtherArch(String arch) implements Adjustment {
    @Override
    public Task apply(Task task) {
      return task.where(task.demand().where().arch(arch));
    }

    @Override
    public double cost(Task task) {
      return 25;
    }
  }

  record WithoutLabels(Set<String> keys) implements Adjustment {
    public WithoutLabels {
      keys = Set.copyOf(keys);
    }

    @Override
    public Task apply(Task task) {
      Map<String, String> left = new HashMap<>(task.demand().where().labels());
      left.keySet().removeAll(keys);
      return task.where(task.demand().where().labels(left));
    }

    @Override
    public double cost(Task task) {
      return 5.0 * keys.size();
    }

    @Override
    public Optional<Adjustment> halved() {
      List<String> half = List.copyOf(new TreeSet<>(keys)).subList(0, keys.size() / 2);
      return half.isEmpty() ? Optional.empty() : Optional.of(new WithoutLabels(Set.copyOf(half)));
    }
  }

  /// @param location also this one would do; empty = one that is not told
  record AlsoLocation(String location) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Set<String> more = new HashSet<>(task.demand().where().locations());
      more.add(location);
      return task.where(task.demand().where().locations(more));
    }

    @Override
    public double cost(Task task) {
      return location.isEmpty() ? 12 : 8;
    }
  }

  /// @param circle also this one would do; empty = anybody
  record AlsoTrust(String circle) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Set<String> more = new HashSet<>();
      if (!circle.isEmpty()) {
        more.addAll(task.demand().where().trust());
        more.add(circle);
      }
      return task.where(task.demand().where().trust(more));
    }

    @Override
    public double cost(Task task) {
      return circle.isEmpty() ? 60 : 40;
    }
  }

  record AnyNode() implements Adjustment {
    @Override
    public Task apply(Task task) {
      return task.where(task.demand().where().node(null));
    }

    @Override
    public double cost(Task task) {
      return 9;
    }
  }

  /// Again where it failed.
  record NotAvoiding(PeerId node) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Set<PeerId> left = new HashSet<>(task.demand().where().avoid());
      left.remove(node);
      return task.where(task.demand().where().avoid(left));
    }

    @Override
    public double cost(Task task) {
      return 3;
    }
  }

  record PayMore(long by) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Where was = task.demand().where();
      return task.where(was.maxPrice(was.maxPrice() + by));
    }

    @Override
    public double cost(Task task) {
      return 10.0 * by / Math.max(1, task.demand().where().maxPrice());
    }

    @Override
    public Optional<Adjustment> halved() {
      return by < 2 ? Optional.empty() : Optional.of(new PayMore(by / 2));
    }
  }

  record Farther(Near near, int by) implements Adjustment {
    @Override
    public Task apply(Task task) {
      Near now = new Near(near.what(), near.name(), near.millis() + by);
      return task.where(task.demand().where().instead(near, now));
    }

    @Override
    public double cost(Task task) {
      return 10.0 * by / Math.max(1, near.millis());
    }

    @Override
    public Optional<Adjustment> halved() {
      return by < 2 ? Optional.empty() : Optional.of(new Farther(near, by / 2));
    }
  }

  /// However far, as nobody knows.
  record Anywhere(Near near) implements Adjustment {
    @Override
    public Task apply(Task task) {
      return task.where(task.demand().where().instead(near, null));
    }

    @Override
    public double cost(Task task) {
      return 50;
    }
  }

  /// It need not be where its group is, or is not.
  record WithoutGroup() implements Adjustment {
    @Override
    public Task apply(Task task) {
      return task.group(null);
    }

    @Override
    public double cost(Task task) {
      return 35;
    }
  }
}
