package io.atoll.scheduler;

import io.atoll.core.term.TaskId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The index of waiting tasks, by need and in order. Owned by one thread.
///
/// It also remembers, for speed only, which needs were found to fit nowhere, and in which version
/// of the view: those are looked at again only on nodes that have grown since.
public final class PendingQueue {
  private final Map<TaskId, Pending> byTask = new HashMap<>();
  private final Map<Need, Group> byNeed = new HashMap<>();
  private final TreeSet<Group> open = new TreeSet<>(Group.ORDER);
  private final TreeSet<Group> blocked = new TreeSet<>(Group.ORDER);

  /// Every blocked group is blocked at least since this version.
  private long settledAt = -1;

  public void add(Pending pending) {
    remove(pending.task());
    byTask.put(pending.task(), pending);
    Group group = byNeed.computeIfAbsent(pending.need(), Group::new);
    unlist(group);
    group.waiting.add(pending);
    list(group);
  }

  /// No effect if it is not there.
  public void remove(TaskId task) {
    Pending pending = byTask.remove(task);
    if (pending == null) {
      return;
    }
    Group group = byNeed.get(pending.need());
    if (group == null) {
      throw new IllegalStateException("a waiting task belongs to no group");
    }
    unlist(group);
    group.waiting.remove(pending);
    if (group.waiting.isEmpty()) {
      byNeed.remove(group.need);
    } else {
      list(group);
    }
  }

  public @Nullable Pending get(TaskId task) {
    return byTask.get(task);
  }

  public int size() {
    return byTask.size();
  }

  /// How many different needs wait.
  public int needs() {
    return byNeed.size();
  }

  /// Groups worth a look, in the order of their first tasks.
  ///
  /// @param grown version in which any node grew last
  Iterator<Group> worthALook(long grown) {
    return grown <= settledAt ? open.iterator() : new Merged(open.iterator(), blocked.iterator());
  }

  /// Takes in what a plan found out: these groups fit nowhere in this version.
  ///
  /// @param complete whether every group worth a look was looked at
  void remember(List<Group> fitNowhere, long version, boolean complete) {
    for (Group group : fitNowhere) {
      if (group.blockedAt < 0) {
        unlist(group);
        group.blockedAt = version;
        list(group);
      } else {
        group.blockedAt = version;
      }
    }
    if (complete) {
      settledAt = version;
    }
  }

  private void list(Group group) {
    if (!group.waiting.isEmpty()) {
      (group.blockedAt < 0 ? open : blocked).add(group);
    }
  }

  private void unlist(Group group) {
    if (!group.waiting.isEmpty()) {
      (group.blockedAt < 0 ? open : blocked).remove(group);
    }
  }

  /// Waiting tasks of one need; listed only while there are some.
  static final class Group {
    static final Comparator<Group> ORDER =
        Comparator.comparing(group -> group.waiting.first(), Pending.ORDER);

    final Need need;
    final TreeSet<Pending> waiting = new TreeSet<>(Pending.ORDER);

    /// Version of the view in which no node could take it; -1 = none known.
    long blockedAt = -1;

    Group(Need need) {
      this.need = need;
    }
  }

  /// Two ordered iterators as one.
  private static final class Merged implements Iterator<Group> {
    private final Iterator<Group> left;
    private final Iterator<Group> right;
    private @Nullable Group nextLeft;
    private @Nullable Group nextRight;

    Merged(Iterator<Group> left, Iterator<Group> right) {
      this.left = left;
      this.right = right;
      this.nextLeft = left.hasNext() ? left.next() : null;
      this.nextRight = right.hasNext() ? right.next() : null;
    }

    @Override
    public boolean hasNext() {
      return nextLeft != null || nextRight != null;
    }

    @Override
    public Group next() {
      Group a = nextLeft;
      Group b = nextRight;
      if (a != null && (b == null || Group.ORDER.compare(a, b) <= 0)) {
        nextLeft = left.hasNext() ? left.next() : null;
        return a;
      }
      if (b == null) {
        throw new NoSuchElementException("no more groups");
      }
      nextRight = right.hasNext() ? right.next() : null;
      return b;
    }
  }
}
