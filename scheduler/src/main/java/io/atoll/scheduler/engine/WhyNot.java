package io.atoll.scheduler.engine;

import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.scheduler.model.Adjustment;
import io.atoll.scheduler.model.Task;
import io.atoll.scheduler.model.Why;
import io.atoll.scheduler.model.Why.Kind;
import io.atoll.scheduler.model.Why.Node;
import io.atoll.scheduler.model.Why.Reason;
import io.atoll.scheduler.model.Why.Suggestion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Says why no provider takes a task, and the smallest change that lets one.
public final class WhyNot {
  private WhyNot() {}

  /// What stands between the task and one node.
  private record Way(Node node, double cost, Suggestion suggestion) {
    /// Those first to which a change of the task alone leads.
    static final Comparator<Way> NEAREST =
        Comparator.comparingLong(Way::walls)
            .thenComparingDouble(Way::cost)
            .thenComparing(way -> way.node.name());

    private long walls() {
      return node.reasons().stream().filter(reason -> reason.adjustments().isEmpty()).count();
    }

    boolean has(Kind kind) {
      return node.reasons().stream().anyMatch(reason -> reason.kind() == kind);
    }

    boolean open() {
      return Double.isFinite(cost) && cost > 0;
    }

    boolean canBeHelped() {
      return !node.reasons().isEmpty()
          && node.reasons().stream().noneMatch(reason -> reason.remedy().isEmpty());
    }

    String remedies() {
      return node.reasons().stream().map(Reason::remedy).collect(Collectors.joining(", "));
    }

    String told() {
      return node.name()
          + ": "
          + node.reasons().stream().map(Reason::text).collect(Collectors.joining(", "));
    }
  }

  /// @param task known or not; one that has a place is looked at as if it had none
  /// @param names what people call a task
  public static Why of(Cluster cluster, Task task, Function<TaskId, String> names) {
    Index index = cluster.index;
    return index.asked(task, live -> of(index, live, names));
  }

  /// Whether each provider that it may mean is too small, however idle; then waiting is in
  /// vain.
  public static boolean isTooLarge(Cluster cluster, Task task) {
    String node = task.demand().where().node();
    List<Slot> meant =
        cluster.index.pool.all().stream()
            .filter(slot -> node == null || slot.provider.isCalled(node))
            .toList();
    return !meant.isEmpty()
        && meant.stream()
            .noneMatch(slot -> task.demand().resources().fitsIn(slot.provider.total()));
  }

  /// Whether some provider could take it if that had nothing else to do, as far as the task and
  /// the provider stay as they are.
  static boolean everFits(Index index, Live live) {
    Resources need = index.gatherings.needs(live.task);
    return index.pool.all().stream()
        .anyMatch(
            slot ->
                live.demand.suits(slot, index.pool.traits) && need.fitsIn(slot.provider.total()));
  }

  static Why of(Index index, Live live, Function<TaskId, String> names) {
    if (index.pool.size() == 0) {
      return new Why(
          "no node has joined this hub",
          "let one join: atoll invite create, then atoll join INVITE on the machine",
          List.of(),
          Optional.empty(),
          Optional.empty());
    }
    List<Way> now = ways(index, live, new Shortage(index, false, names));
    List<Way> idle = ways(index, live, new Shortage(index, true, names));
    return new Why(
        summary(live.task, now, idle),
        change(live.task, now, idle),
        now.stream().map(Way::node).toList(),
        smallest(now),
        smallest(idle));
  }

  /// The nearest first.
  private static List<Way> ways(Index index, Live live, Shortage shortage) {
    List<Way> ways = new ArrayList<>();
    for (Slot slot : index.pool.all()) {
      List<Reason> reasons = Obstacles.of(index, slot, live, shortage);
      List<Adjustment> all = new ArrayList<>();
      reasons.forEach(reason -> all.addAll(reason.adjustments()));
      ways.add(
          new Way(
              new Node(slot.provider.id(), slot.provider.name(), reasons),
              Obstacles.cost(live.task, reasons),
              new Suggestion(slot.provider.id(), all)));
    }
    ways.sort(Way.NEAREST);
    return ways;
  }

  private static Optional<Suggestion> smallest(List<Way> ways) {
    Way nearest = ways.getFirst();
    return nearest.open() ? Optional.of(nearest.suggestion) : Optional.empty();
  }

  private static String summary(Task task, List<Way> now, List<Way> idle) {
    Way nearest = now.getFirst();
    if (nearest.node.reasons().isEmpty()) {
      return "it is about to be placed";
    }
    if (idle.stream().allMatch(way -> way.has(Kind.DRIVER))) {
      return "no node offers driver " + task.demand().driver();
    }
    List<Way> meant = idle.stream().filter(way -> !way.has(Kind.NODE)).toList();
    if (!meant.isEmpty() && meant.stream().allMatch(way -> way.has(Kind.RESOURCES))) {
      return task.demand().where().node() == null
          ? "it asks for more than any node has"
          : "it asks for more than " + meant.getFirst().node.name() + " has";
    }
    return "no node can take it now; nearest is " + nearest.told();
  }

  /// What others or time may do on the node that needs the least of that, and what the task's
  /// owner may.
  private static String change(Task task, List<Way> now, List<Way> idle) {
    List<String> ways = new ArrayList<>();
    now.stream()
        .filter(Way::canBeHelped)
        .min(Comparator.comparingInt(way -> way.node.reasons().size()))
        .ifPresent(way -> ways.add(way.remedies()));
    Stream.of(now.getFirst(), idle.getFirst())
        .filter(Way::open)
        .findFirst()
        .ifPresent(way -> ways.add(Words.of(task, way.suggestion)));
    return String.join(", or ", ways);
  }
}
