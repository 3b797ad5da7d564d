package io.atoll.scheduler;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.ByteSize;
import io.atoll.core.term.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Says why no node takes a task, and the smallest change that would let one.
public final class Explainer {
  private Explainer() {}

  /// Something that runs on a node.
  ///
  /// @param name what people call it
  public record Running(String name, Resources resources) {}

  /// What stands between a task and a node.
  ///
  /// @param reason for people
  /// @param change what would remove it; empty if only time does
  /// @param cost how much it asks of the user: waiting is less than asking for less
  private record Obstacle(String reason, String change, int cost) {}

  /// @param running what holds resources, by node
  public static Explanation explain(
      Need need, List<NodeCapacity> nodes, Map<PeerId, List<Running>> running) {
    if (nodes.isEmpty()) {
      return new Explanation(
          "no node has joined this hub",
          "let one join: atoll invite create, then atoll join INVITE on the machine",
          List.of());
    }
    List<Explanation.Refusal> refusals = new ArrayList<>();
    @Nullable NodeCapacity nearest = null;
    List<Obstacle> fewest = List.of();
    for (NodeCapacity node : nodes) {
      List<Obstacle> obstacles = obstacles(need, node, running.getOrDefault(node.id(), List.of()));
      refusals.add(
          new Explanation.Refusal(
              node.id(), node.name(), obstacles.stream().map(Obstacle::reason).toList()));
      if (nearest == null || cost(obstacles) < cost(fewest)) {
        nearest = node;
        fewest = obstacles;
      }
    }
    if (nearest == null || fewest.isEmpty()) {
      return new Explanation("it is about to be placed", "", refusals);
    }
    return new Explanation(
        summary(need, nodes, nearest, fewest),
        String.join(", ", fewest.stream().map(Obstacle::change).filter(c -> !c.isEmpty()).toList()),
        refusals);
  }

  /// Whether no node is large enough, however idle; the explanation then says what to ask for.
  public static boolean tooLargeForAll(Need need, List<NodeCapacity> nodes) {
    return !nodes.isEmpty()
        && nodes.stream()
            .filter(node -> node.isAskedFor(need))
            .noneMatch(node -> need.resources().fitsIn(node.total()));
  }

  private static String summary(
      Need need, List<NodeCapacity> nodes, NodeCapacity nearest, List<Obstacle> fewest) {
    if (nodes.stream().noneMatch(node -> node.working().contains(need.driver()))) {
      return "no node offers driver " + need.driver();
    }
    if (tooLargeForAll(need, nodes)) {
      return need.node() == null
          ? "it asks for more than any node has"
          : "it asks for more than " + nearest.name() + " has";
    }
    return "no node can take it now; nearest is "
        + nearest.name()
        + ": "
        + String.join(", ", fewest.stream().map(Obstacle::reason).toList());
  }

  private static int cost(List<Obstacle> obstacles) {
    return obstacles.stream().mapToInt(Obstacle::cost).sum();
  }

  private static List<Obstacle> obstacles(Need need, NodeCapacity node, List<Running> running) {
    List<Obstacle> found = new ArrayList<>();
    if (!node.isAskedFor(need)) {
      found.add(new Obstacle("the task asks for another node", "leave out --node", 40));
    }
    standing(node, found);
    if (!node.working().contains(need.driver())) {
      found.add(
          new Obstacle(
              "it does not offer driver " + need.driver(),
              "a node with driver " + need.driver() + " (atoll doctor on " + node.name() + ")",
              100));
    } else if (!node.allowed().contains(need.driver())) {
      found.add(
          new Obstacle(
              "its owner does not allow driver " + need.driver(),
              "ask the owner of " + node.name() + " to allow driver " + need.driver(),
              50));
    }
    if (need.bare() && !node.bare()) {
      found.add(
          new Obstacle(
              "its owner does not allow tasks without a sandbox",
              "leave out the wish to run without a sandbox",
              30));
    }
    if (need.egress() && !node.egress()) {
      found.add(
          new Obstacle(
              "its owner does not let tasks publish ports (egress)",
              "ask the owner of " + node.name() + " to allow egress, or publish no ports",
              30));
    }
    if (need.networked() && !node.networked().contains(need.driver())) {
      found.add(
          node.networked().isEmpty()
              ? new Obstacle(
                  "it knows no private networks",
                  "upgrade Atoll on " + node.name() + ", or see atoll doctor there",
                  40)
              : new Obstacle(
                  "its driver " + need.driver() + " puts no task into private networks",
                  "--driver " + String.join(" or ", new TreeSet<>(node.networked())),
                  30));
    }
    if (need.avoid().contains(node.id())) {
      found.add(new Obstacle("the task failed to start there a moment ago", "", 2));
    }
    if (need.resources().fitsIn(node.total())) {
      busy(need.resources(), node, running, found);
    } else {
      tooSmall(need.resources(), node, found);
    }
    return found;
  }

  private static void standing(NodeCapacity node, List<Obstacle> found) {
    switch (node.standing()) {
      case READY -> {}
      case CORDONED ->
          found.add(
              new Obstacle("it takes no new tasks", "let " + node.name() + " take tasks", 10));
      case NEW ->
          found.add(
              new Obstacle(
                  "it has not been heard of since the hub started",
                  "start atoll on " + node.name(),
                  5));
      case SUSPECT -> found.add(new Obstacle("it has been silent for a moment", "", 3));
      case LOST -> found.add(new Obstacle("it is silent", "bring " + node.name() + " back", 5));
    }
  }

  private static void tooSmall(Resources asked, NodeCapacity node, List<Obstacle> found) {
    Resources total = node.total();
    if (asked.cpuMillis() > total.cpuMillis()) {
      found.add(
          new Obstacle(
              "it has " + cpus(total.cpuMillis()) + " cpus in all",
              option("--cpus", cpus(total.cpuMillis()), cpus(asked.cpuMillis())),
              20));
    }
    if (asked.memory() > total.memory()) {
      found.add(
          new Obstacle(
              "it has " + atMost(total.memory()) + " of memory in all",
              option("--memory", atMost(total.memory()), ByteSize.format(asked.memory())),
              20));
    }
    if (asked.disk() > total.disk()) {
      found.add(
          new Obstacle(
              "it has " + atMost(total.disk()) + " of disk in all",
              option("--disk", atMost(total.disk()), ByteSize.format(asked.disk())),
              20));
    }
  }

  private static void busy(
      Resources asked, NodeCapacity node, List<Running> running, List<Obstacle> found) {
    Resources free = node.free();
    if (asked.fitsIn(free)) {
      return;
    }
    List<String> lacks = new ArrayList<>();
    List<String> less = new ArrayList<>();
    if (asked.cpuMillis() > free.cpuMillis()) {
      lacks.add(cpus(free.cpuMillis()) + " of " + cpus(node.total().cpuMillis()) + " cpus free");
      if (free.cpuMillis() > 0) {
        less.add(option("--cpus", cpus(free.cpuMillis()), cpus(asked.cpuMillis())));
      }
    }
    if (asked.memory() > free.memory()) {
      lacks.add(
          ByteSize.format(free.memory())
              + " of "
              + ByteSize.format(node.total().memory())
              + " memory free");
      if (free.memory() > 0) {
        less.add(option("--memory", atMost(free.memory()), ByteSize.format(asked.memory())));
      }
    }
    if (asked.disk() > free.disk()) {
      lacks.add(
          ByteSize.format(free.disk())
              + " of "
              + ByteSize.format(node.total().disk())
              + " disk free");
      if (free.disk() > 0) {
        less.add(option("--disk", atMost(free.disk()), ByteSize.format(asked.disk())));
      }
    }
    String wait = waitFor(asked, node, running);
    String change =
        less.size() == lacks.size() && !less.isEmpty()
            ? wait + ", or " + String.join(" ", less)
            : wait;
    found.add(new Obstacle("it has " + String.join(" and ", lacks), change, 1));
  }

  /// The fewest runs whose end would make room, largest first.
  private static String waitFor(Resources asked, NodeCapacity node, List<Running> running) {
    List<Running> largest =
        running.stream()
            .sorted(
                Comparator.comparingDouble((Running r) -> -weight(r.resources(), node.total()))
                    .thenComparing(Running::name))
            .toList();
    Resources free = node.free();
    List<String> names = new ArrayList<>();
    for (Running one : largest) {
      if (asked.fitsIn(free)) {
        break;
      }
      free = free.plus(one.resources());
      names.add(one.name());
    }
    if (names.isEmpty()) {
      return "wait for room on " + node.name();
    }
    return names.size() > 3
        ? "wait for " + names.size() + " tasks on " + node.name() + " to finish"
        : "wait for " + String.join(" and ", names) + " to finish";
  }

  private static double weight(Resources part, Resources whole) {
    return (double) part.cpuMillis() / Math.max(1, whole.cpuMillis())
        + (double) part.memory() / Math.max(1, whole.memory())
        + (double) part.disk() / Math.max(1, whole.disk());
  }

  private static String option(String name, String fits, String asked) {
    return name + " " + fits + " (asked: " + asked + ")";
  }

  /// A size that people can type and that is not more than `bytes`.
  private static String atMost(long bytes) {
    String units = "KMGTP";
    for (int i = units.length() - 1; i >= 0; i--) {
      long unit = 1L << (10 * (i + 1));
      if (bytes >= 10 * unit || (bytes >= unit && bytes % unit == 0)) {
        return bytes / unit + units.substring(i, i + 1) + "i";
      }
    }
    return Long.toString(bytes);
  }

  private static String cpus(long millis) {
    return millis % 1000 == 0
        ? Long.toString(millis / 1000)
        : String.format(Locale.ROOT, "%.3f", millis / 1000.0).replaceAll("0+$", "");
  }
}
