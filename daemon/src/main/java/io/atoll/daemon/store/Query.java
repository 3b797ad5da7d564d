package io.atoll.daemon.store;

import io.atoll.client.api.EventView;
import io.atoll.core.audit.AuditEnd;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.TaskId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Every question that can be asked of the store; `R` is the answer's type.
public sealed interface Query<R> {
  /// Tasks that have not ended, oldest first.
  record LiveTasks() implements Query<List<TaskRow>> {}

  record TaskById(TaskId id) implements Query<Optional<TaskRow>> {}

  /// The newest task of that name.
  record TaskByName(String name) implements Query<Optional<TaskRow>> {}

  /// Newest first, in the order in which tasks came into the store. If `before` was deleted
  /// meanwhile the answer is a `StoreException` GONE, never a list with a hole.
  ///
  /// @param ended whether tasks that have ended are listed too
  /// @param before only tasks created before this one; null = from the newest
  /// @param limit 1 to 1,000
  record Tasks(boolean ended, @Nullable TaskId before, int limit) implements Query<List<TaskRow>> {
    public static final int MAX = 1_000;

    public Tasks {
      if (limit < 1 || limit > MAX) {
        throw new IllegalArgumentException("a page has 1 to 1,000 tasks, not " + limit);
      }
    }
  }

  /// All runs of a task, oldest first.
  record RunsOf(TaskId task) implements Query<List<RunRow>> {}

  /// Runs that have not ended, ordered by task and epoch.
  record LiveRuns() implements Query<List<RunRow>> {}

  record Nodes() implements Query<List<NodeRow>> {}

  record Keys() implements Query<List<KeyRow>> {}

  record Invites() implements Query<List<InviteRow>> {}

  record Networks() implements Query<List<NetworkRow>> {}

  /// Of all networks.
  record Seats() implements Query<List<SeatRow>> {}

  /// Of all networks.
  record NodeKeys() implements Query<List<NodeKeyRow>> {}

  /// All of a space, by id.
  record Notes(String space) implements Query<List<NoteRow>> {}

  /// Empty also once the remembered answer has expired.
  record Idempotent(String keyId, String idempotencyKey) implements Query<Optional<Idempotency>> {}

  record Idempotency(String bodyHash, TaskId task) {}

  /// Deleted tasks that a node still has to forget.
  record Forgets() implements Query<Map<PeerId, Set<TaskId>>> {}

  record Meta() implements Query<StoreMeta> {}

  /// Lines of the record of who did what, with `seq > after`, in order.
  ///
  /// @param limit 1 to 10,000
  record Audit(long after, int limit) implements Query<AuditPage> {
    public static final int MAX = 10_000;

    public Audit {
      if (after < 0 || limit < 1 || limit > MAX) {
        throw new IllegalArgumentException("a page has 1 to 10,000 entries, not " + limit);
      }
    }
  }

  /// @param lines as they are hashed
  /// @param end where the whole record ends
  record AuditPage(List<String> lines, AuditEnd end) {
    public AuditPage {
      lines = List.copyOf(lines);
    }
  }

  /// Events with `seq > after`, in order.
  ///
  /// @param task only those of this task; null = all
  /// @param limit 1 or more; a page has 10,000 events at most, whatever is asked
  record Events(long after, @Nullable TaskId task, int limit) implements Query<EventPage> {
    public static final int MAX = 10_000;

    public Events {
      if (limit < 1) {
        throw new IllegalArgumentException("a page has at least one event, not " + limit);
      }
      limit = Math.min(limit, MAX);
    }
  }

  /// @param events the page
  /// @param oldest from this seq on nothing was trimmed; a cursor `after < oldest - 1` has lost
  ///     events. Events that went with a deleted task do not count as lost
  /// @param last seq of the newest event ever written; a cursor beyond it is not of this store
  record EventPage(List<EventView> events, long oldest, long last) {
    public EventPage {
      events = List.copyOf(events);
    }
  }
}
