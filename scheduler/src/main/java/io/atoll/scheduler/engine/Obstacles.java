package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Adjustment;
import io.atoll.scheduler.model.Demand.Right;
import io.atoll.scheduler.model.Group;
import io.atoll.scheduler.model.Near;
import io.atoll.scheduler.model.Provider;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Traits;
import io.atoll.scheduler.model.Where;
import io.atoll.scheduler.model.Why.Kind;
import io.atoll.scheduler.model.Why.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/// What stands between a task and one provider, each with the least that removes it; all but
/// room, for which see `Shortage`.
///
/// There may be several ways: by any driver that works there, with the group or without. Along
/// one way what has to change is what it is, no more and no less, resource by resource; so of
/// all ways to all providers the cheapest is the smallest change, and with less than that the
/// task fits nowhere.
final class Obstacles {
  private final Index index;
  private final Slot slot;
  private final Task task;
  private final Provider provider;
  private final Traits traits;

  /// Of the way: by which driver, and whether without its group.
  private final String driver;

  private final boolean alone;
  private final List<Reason> found = new ArrayList<>();

  private Obstacles(Index index, Slot slot, Task task, String driver, boolean alone) {
    this.index = index;
    this.slot = slot;
    this.task = task;
    this.provider = slot.provider;
    this.traits = provider.traits();
    this.driver = driver;
    this.alone = alone;
  }

  /// Along the cheapest way; as the task is where none is open.
  ///
  /// @param shortage what it lacks of room
  static List<Reason> of(Index index, Slot slot, Live live, Shortage shortage) {
    Task task = live.task;
    List<String> drivers = new ArrayList<>();
    drivers.add(task.demand().driver());
    for (String other : new TreeSet<>(slot.provider.traits().drivers())) {
      if (slot.provider.traits().allowed().contains(other) && !drivers.contains(other)) {
        drivers.add(other);
      }
    }
    List<Reason> best = List.of();
    double least = Double.NaN;
    for (boolean alone : task.group() == null ? List.of(false) : List.of(false, true)) {
      for (String driver : drivers) {
        List<Reason> way = new Obstacles(index, slot, task, driver, alone).look();
        way.addAll(shortage.on(slot, live, alone));
        double cost = cost(task, way);
        if (Double.isNaN(least) || cost < least) {
          best = way;
          least = cost;
        }
      }
    }
    return best;
  }

  /// Infinite where no change of the task helps.
  static double cost(Task task, List<Reason> reasons) {
    double cost = 0;
    for (Reason reason : reasons) {
      if (reason.adjustments().isEmpty()) {
        return Double.POSITIVE_INFINITY;
      }
      for (Adjustment adjustment : reason.adjustments()) {
        cost += adjustment.cost(task);
      }
    }
    return cost;
  }

  private List<Reason> look() {
    who();
    standing();
    driver();
    rights();
    where();
    near();
    group();
    return found;
  }

  private void who() {
    Where where = task.demand().where();
    String node = where.node();
    if (node != null && !provider.isCalled(node)) {
      say(Kind.NODE, "the task asks for another node", new Adjustment.AnyNode());
    }
    if (where.avoid().contains(provider.id())) {
      say(
          Kind.AVOIDED,
          "the task failed to start there a moment ago",
          new Adjustment.NotAvoiding(provider.id()));
    }
  }

  private void standing() {
    String name = provider.name();
    switch (provider.standing()) {
      case READY -> {}
      case CORDONED -> only("it takes no new tasks", "let " + name + " take tasks");
      case DRAINING -> only("its tasks go elsewhere", "let " + name + " take tasks");
      case NEW -> only("it has not been heard of since the hub started", "start atoll on " + name);
      case SUSPECT -> only("it has been silent for a moment", "");
      case LOST -> only("it is silent", "bring " + name + " back");
    }
  }

  private void only(String text, String remedy) {
    found.add(new Reason(Kind.STANDING, text, List.of(), remedy));
  }

  private void driver() {
    String asked = task.demand().driver();
    String name = provider.name();
    if (!traits.drivers().contains(asked)) {
      driver(
          "it does not offer driver " + asked,
          "a node with driver " + asked + " (atoll doctor on " + name + ")");
    } else if (!traits.allowed().contains(asked)) {
      driver(
          "its owner does not allow driver " + asked,
          "ask the owner of " + name + " to allow driver " + asked);
    } else if (!driver.equals(asked)) {
      driver("another driver does more there than " + asked, "");
    }
  }

  private void driver(String text, String remedy) {
    List<Adjustment> change =
        driver.equals(task.demand().driver())
            ? List.of()
            : List.of(new Adjustment.OtherDriver(driver));
    found.add(new Reason(Kind.DRIVER, text, change, remedy));
  }

  private void rights() {
    String name = provider.name();
    for (Right right : new TreeSet<>(task.demand().rights())) {
      if (!Constraint.has(right, driver, traits)) {
        String text =
            switch (right) {
              case BARE -> "its owner does not allow tasks without a sandbox";
              case EGRESS -> "its owner does not let tasks publish ports (egress)";
              case NETWORKED ->
                  traits.networked().isEmpty()
                      ? "it knows no private networks"
                      : "its driver " + driver + " puts no task into private networks";
            };
        String remedy =
            switch (right) {
              case BARE -> "ask the owner of " + name + " to allow tasks without a sandbox";
              case EGRESS -> "ask the owner of " + name + " to allow egress";
              case NETWORKED -> "upgrade Atoll on " + name + ", or see atoll doctor there";
            };
        List<Adjustment> change = List.of(new Adjustment.Without(right));
        found.add(new Reason(Kind.RIGHT, text, change, remedy));
      }
    }
  }

  private void where() {
    Where where = task.demand().where();
    if (!where.arch().isEmpty() && !where.arch().equals(traits.arch())) {
      say(Kind.ARCHITECTURE, "it is " + traits.arch(), new Adjustment.OtherArch(traits.arch()));
    }
    TreeSet<String> missing = new TreeSet<>();
    where
        .labels()
        .forEach(
            (key, asked) -> {
              if (!asked.equals(traits.labels().get(key))) {
                missing.add(key);
              }
            });
    if (!missing.isEmpty()) {
      say(
          Kind.LABELS,
          "it is not labelled as asked: " + String.join(", ", missing),
          new Adjustment.WithoutLabels(missing));
    }
    String location = traits.location();
    if (!where.locations().isEmpty() && !where.locations().contains(location)) {
      say(
          Kind.LOCATION,
          location.isEmpty() ? "it does not say where it is" : "it is in " + location,
          new Adjustment.AlsoLocation(location));
    }
    if (!where.trust().isEmpty() && Collections.disjoint(where.trust(), traits.trust())) {
      String circle = traits.trust().isEmpty() ? "" : new TreeSet<>(traits.trust()).getFirst();
      say(
          Kind.TRUST,
          circle.isEmpty() ? "nobody vouches for it" : "it belongs to " + circle,
          new Adjustment.AlsoTrust(circle));
    }
    long dearer = provider.price() - where.maxPrice();
    if (dearer > 0) {
      say(
          Kind.PRICE,
          "it costs " + provider.price() + " for a core and hour",
          new Adjustment.PayMore(dearer));
    }
  }

  private void near() {
    for (Near near : task.demand().where().near()) {
      long millis = index.gatherings.millis(task, near, slot);
      if (millis > Integer.MAX_VALUE) {
        say(
            Kind.LATENCY,
            "how far it is from " + near.name() + " was not measured",
            new Adjustment.Anywhere(near));
      } else if (millis > near.millis()) {
        say(
            Kind.LATENCY,
            "it is " + millis + " ms from " + near.name(),
            new Adjustment.Farther(near, (int) millis - near.millis()));
      }
    }
  }

  private void group() {
    Group group = task.group();
    if (group == null) {
      return;
    }
    if (alone) {
      say(Kind.GROUP, "group " + group.name() + " is in its way", new Adjustment.WithoutGroup());
    } else if (!index.gatherings.groupAllows(task, slot)) {
      say(
          Kind.GROUP,
          switch (group.layout()) {
            case TOGETHER -> "not all of group " + group.name() + " can be on it";
            case ONE_LOCATION -> "group " + group.name() + " is in another location";
            case APART -> "another of group " + group.name() + " is on it";
          });
    }
  }

  private void say(Kind kind, String text, Adjustment... adjustments) {
    found.add(new Reason(kind, text, List.of(adjustments), ""));
  }
}
