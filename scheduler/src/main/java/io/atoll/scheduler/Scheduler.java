package io.atoll.scheduler;

import io.atoll.core.term.Resources;
import io.atoll.scheduler.PendingQueue.Group;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Places waiting tasks: the most urgent first, then the oldest; each on the node that it
/// fits best, so that large gaps stay for large tasks. A task that fits nowhere does not hold up
/// those behind it.
public final class Scheduler {
  private Scheduler() {}

  /// @param limit the most placements of one plan
  public static Plan plan(ClusterView view, int limit) {
    PendingQueue queue = view.queue();
    if (queue.size() == 0 || limit < 1) {
      return Plan.NOTHING;
    }
    List<NodeCapacity> nodes = view.nodes();
    Resources[] left = new Resources[nodes.size()];
    long grown = -1;
    for (int i = 0; i < left.length; i++) {
      left[i] = nodes.get(i).free();
      grown = Math.max(grown, nodes.get(i).grown());
    }

    int[] latest = latestFirst(nodes);
    Iterator<Group> groups = queue.worthALook(grown);
    PriorityQueue<Cursor> underWay = new PriorityQueue<>(Cursor.ORDER);
    List<Plan.Placement> placements = new ArrayList<>();
    List<Group> fitNowhere = new ArrayList<>();
    @Nullable Cursor next = cursor(groups);
    boolean more = false;
    while (true) {
      Cursor urgent = underWay.peek();
      Cursor cursor;
      if (next != null && (urgent == null || Cursor.ORDER.compare(next, urgent) < 0)) {
        cursor = next;
        next = cursor(groups);
      } else if (urgent != null) {
        cursor = urgent;
        underWay.poll();
      } else {
        break;
      }
      int node = bestFit(nodes, latest, left, cursor.group);
      if (node < 0) {
        fitNowhere.add(cursor.group);
        continue;
      }
      if (placements.size() == limit) {
        more = true;
        break;
      }
      placements.add(new Plan.Placement(cursor.head.task(), nodes.get(node).id()));
      left[node] = left[node].minus(cursor.group.need.resources());
      if (cursor.advance()) {
        underWay.add(cursor);
      }
    }
    queue.remember(fitNowhere, view.version(), !more);
    return placements.isEmpty() ? Plan.NOTHING : new Plan(placements, more);
  }

  private static @Nullable Cursor cursor(Iterator<Group> groups) {
    return groups.hasNext() ? new Cursor(groups.next()) : null;
  }

  /// Indices of the nodes, those that grew last first.
  private static int[] latestFirst(List<NodeCapacity> nodes) {
    return IntStream.range(0, nodes.size())
        .boxed()
        .sorted(Comparator.comparingLong((Integer i) -> -nodes.get(i).grown()))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// Index of the node that is left with the least, -1 if none can take it. A group that fitted
  /// nowhere is tried only where something has grown since.
  private static int bestFit(
      List<NodeCapacity> nodes, int[] latest, Resources[] left, Group group) {
    Need need = group.need;
    int best = -1;
    double least = Double.MAX_VALUE;
    for (int i : latest) {
      NodeCapacity node = nodes.get(i);
      if (node.grown() <= group.blockedAt) {
        break;
      }
      if (node.takes(need, left[i])) {
        double rest = rest(left[i].minus(need.resources()), node.total());
        if (rest < least || (rest == least && i < best)) {
          least = rest;
          best = i;
        }
      }
    }
    return best;
  }

  /// How much of a node is left, as a share of each of its resources.
  private static double rest(Resources left, Resources total) {
    return share(left.cpuMillis(), total.cpuMillis())
        + share(left.memory(), total.memory())
        + share(left.disk(), total.disk());
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /// Goes through the tasks of one group.
  private static final class Cursor {
    static final Comparator<Cursor> ORDER =
        Comparator.comparing(cursor -> cursor.head, Pending.ORDER);

    final Group group;
    private final Iterator<Pending> waiting;
    Pending head;

    Cursor(Group group) {
      this.group = group;
      this.waiting = group.waiting.iterator();
      this.head = waiting.next();
    }

    boolean advance() {
      if (!waiting.hasNext()) {
        return false;
      }
      head = waiting.next();
      return true;
    }
  }
}
