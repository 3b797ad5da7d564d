package io.atoll.scheduler.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All queues, and the lines in them.
final class WaitingTasks {
  /// So many apps and priorities are remembered though nothing of them waits.
  private static final int REMEMBERED = 10_000;

  private final Map<Queue.Key, Queue> queues = new HashMap<>();
  private final Map<Queue.Key, Long> served = new HashMap<>();

  /// Queues with an open line.
  private final Set<Queue> open = new HashSet<>();

  private int size;

  void add(Live live) {
    Queue queue =
        queues.computeIfAbsent(
            Queue.Key.of(live), key -> new Queue(key, served.getOrDefault(key, Long.MIN_VALUE)));
    Line line = queue.lines.computeIfAbsent(Line.Key.of(live), key -> new Line(queue, key));
    unlist(line);
    line.waiting.add(live);
    live.line = line;
    size++;
    list(line);
  }

  void remove(Live live) {
    Line line = live.line;
    if (line == null) {
      throw new IllegalStateException("task " + live.task.id() + " waits in no line");
    }
    unlist(line);
    line.waiting.remove(live);
    live.line = null;
    size--;
    list(line);
    if (line.waiting.isEmpty()) {
      Queue queue = line.queue;
      queue.lines.remove(line.key);
      if (queue.lines.isEmpty()) {
        queues.remove(queue.key);
      }
    }
  }

  /// The queue was given a place.
  void served(Queue.Key key, long now) {
    if (served.size() > REMEMBERED + 2 * queues.size()) {
      served.keySet().retainAll(queues.keySet());
    }
    served.put(key, now);
    Queue queue = queues.get(key);
    if (queue != null) {
      queue.served = now;
    }
  }

  /// Nothing takes the first of the line.
  void close(Line line, long pass) {
    line.closedIn = pass;
    if (line.plain && !line.tried) {
      unlist(line);
      line.tried = true;
      list(line);
    }
  }

  /// Those worth a look in a pass.
  ///
  /// @param grown whether there is a slot that grew
  Collection<Queue> queues(boolean grown) {
    return grown ? queues.values() : open;
  }

  List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    queues.values().forEach(queue -> lines.addAll(queue.all));
    return lines;
  }

  Map<Queue.Key, Long> lastServed() {
    return served;
  }

  int size() {
    return size;
  }

  private void list(Line line) {
    if (!line.waiting.isEmpty()) {
      line.queue.all.add(line);
      if (!line.tried) {
        line.queue.open.add(line);
        open.add(line.queue);
      }
    }
  }

  private void unlist(Line line) {
    if (!line.waiting.isEmpty()) {
      line.queue.all.remove(line);
      line.queue.open.remove(line);
      if (line.queue.open.isEmpty()) {
        open.remove(line.queue);
      }
    }
  }
}
