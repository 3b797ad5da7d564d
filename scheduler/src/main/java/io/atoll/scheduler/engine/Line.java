package io.atoll.scheduler.engine;

import io.atoll.scheduler.model.Group;
import java.util.Comparator;
import java.util.TreeSet;

/// Tasks of one app, one priority and one demand, in the order of their age: if the first fits
/// nowhere, none of the others does. Members of a group have lines of their own, because what
/// suits them changes with where others are.
final class Line {
  static final Comparator<Line> BY_HEAD =
      Comparator.comparing((Line line) -> line.waiting.first(), Live.BY_AGE);

  /// What a line is told from others of its queue by.
  ///
  /// @param group empty = in none
  record Key(DemandClass demand, String group) {
    static Key of(Live live) {
      Group group = live.task.group();
      return new Key(live.demand, group == null ? "" : group.name());
    }
  }

  final Queue queue;
  final Key key;
  final TreeSet<Live> waiting = new TreeSet<>(Live.BY_AGE);

  /// Whether what suits it depends on nothing but the room of providers.
  final boolean plain;

  /// Nothing takes the first, but perhaps a slot that grew. Only of plain ones.
  boolean tried;

  /// The pass in which nothing took the first.
  long closedIn = -1;

  Line(Queue queue, Key key) {
    this.queue = queue;
    this.key = key;
    this.plain = key.group.isEmpty() && key.demand.demand.where().near().isEmpty();
  }

  Live head() {
    return waiting.first();
  }
}
