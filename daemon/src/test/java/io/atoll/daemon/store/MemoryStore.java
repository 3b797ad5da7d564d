package io.atoll.daemon.store;

import io.atoll.client.api.EventView;
import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.AuditLine;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// A store without a disk, for simulations: same contract, no file. A simulated crash keeps the
/// object, as a real one keeps the disk.
public final class MemoryStore implements Store {
  private record Remembered(Query.Idempotency answer, Instant expires) {}

  private final InstantSource clock;
  private final int eventBound;

  /// In the order in which tasks came.
  private final Map<TaskId, TaskRow> tasks = new LinkedHashMap<>();

  private final TreeMap<RunId, RunRow> runs = new TreeMap<>();
  private final TreeMap<PeerId, NodeRow> nodes = new TreeMap<>();
  private final TreeMap<String, KeyRow> keys = new TreeMap<>();
  private final TreeMap<String, InviteRow> invites = new TreeMap<>();
  private final TreeMap<NetworkId, NetworkRow> networks = new TreeMap<>();
  private final TreeMap<NetworkId, TreeMap<String, SeatRow>> seats = new TreeMap<>();
  private final TreeMap<String, TreeMap<String, NoteRow>> notes = new TreeMap<>();
  private final TreeMap<NetworkId, TreeMap<PeerId, NodeKeyRow>> nodeKeys = new TreeMap<>();
  private final Map<List<String>, Remembered> remembered = new LinkedHashMap<>();
  private final TreeMap<PeerId, Set<TaskId>> forgets = new TreeMap<>();
  private final TreeMap<Long, EventView> events = new TreeMap<>();
  private final List<String> audited = new ArrayList<>();
  private Epoch highest = new Epoch(1, 0);
  private boolean restored;
  private long lastSeq;
  private long trimmed;
  private boolean closed;

  public MemoryStore() {
    this(InstantSource.system(), 200_000);
  }

  public MemoryStore(InstantSource clock, int eventBound) {
    this.clock = clock;
    this.eventBound = eventBound;
  }

  @Override
  public synchronized List<Outcome> commit(List<Transaction> group) {
    checkOpen();
    List<Outcome> outcomes = new ArrayList<>();
    for (Transaction transaction : group) {
      outcomes.add(write(transaction));
    }
    while (events.size() > eventBound) {
      trimmed = events.pollFirstEntry().getKey();
    }
    remembered.values().removeIf(answer -> !answer.expires().isAfter(clock.instant()));
    return outcomes;
  }

  private Outcome write(Transaction transaction) {
    for (Precondition precondition : transaction.preconditions()) {
      if (!holds(precondition)) {
        return new Outcome.Conflict(precondition);
      }
    }
    transaction.changes().forEach(this::write);
    return new Outcome.Applied(lastSeq);
  }

  private boolean holds(Precondition precondition) {
    return switch (precondition) {
      case Precondition.TaskIs(TaskId id, Epoch epoch, var state) -> {
        TaskRow task = tasks.get(id);
        yield task != null && task.epoch().equals(epoch) && task.state() == state;
      }
      case Precondition.TaskAbsent(TaskId id) -> !tasks.containsKey(id);
      case Precondition.GenerationIs(int generation) -> highest.generation() == generation;
      case Precondition.InviteOpen(String id) -> {
        InviteRow invite = invites.get(id);
        yield invite != null && invite.usedBy() == null && invite.revokedAt() == null;
      }
    };
  }

  private void write(Change change) {
    switch (change) {
      case Change.PutTask(TaskRow task) -> tasks.put(task.id(), task);
      case Change.DeleteTask(TaskId task) -> {
        tasks.remove(task);
        runs.keySet().removeIf(run -> run.task().equals(task));
        events.values().removeIf(event -> task.equals(event.task()));
      }
      case Change.PutRun(RunRow run) -> runs.put(run.id(), run);
      case Change.PutNode(NodeRow node) -> nodes.put(node.id(), node);
      case Change.DeleteNode(PeerId node) -> nodes.remove(node);
      case Change.PutKey(KeyRow key) -> keys.put(key.id(), key);
      case Change.PutInvite(InviteRow invite) -> invites.put(invite.id(), invite);
      case Change.PutNetwork put -> networks.put(put.network().id(), put.network());
      case Change.DeleteNetwork delete -> {
        networks.remove(delete.network());
        seats.remove(delete.network());
        nodeKeys.remove(delete.network());
      }
      case Change.PutSeat put ->
          seats
              .computeIfAbsent(put.seat().network(), _ -> new TreeMap<>())
              .put(put.seat().holder(), put.seat());
      case Change.DeleteSeat delete ->
          seats.getOrDefault(delete.network(), new TreeMap<>()).remove(delete.holder());
      case Change.PutNote put ->
          notes
              .computeIfAbsent(put.note().space(), _ -> new TreeMap<>())
              .put(put.note().id(), put.note());
      case Change.DeleteNote delete ->
          notes.getOrDefault(delete.space(), new TreeMap<>()).remove(delete.id());
      case Change.PutNodeKey put ->
          nodeKeys
              .computeIfAbsent(put.key().network(), _ -> new TreeMap<>())
              .put(put.key().node(), put.key());
      case Change.DeleteNodeKey delete ->
          nodeKeys.getOrDefault(delete.network(), new TreeMap<>()).remove(delete.node());
      case Change.PutIdempotency put ->
          remembered.put(
              List.of(put.keyId(), put.idempotencyKey()),
              new Remembered(new Query.Idempotency(put.bodyHash(), put.task()), put.expires()));
      case Change.PutForget(PeerId node, TaskId task) ->
          forgets.computeIfAbsent(node, _ -> new TreeSet<>()).add(task);
      case Change.Forgotten(PeerId node, TaskId task) ->
          forgets.computeIfPresent(
              node,
              (_, left) -> {
                left.remove(task);
                return left.isEmpty() ? null : left;
              });
      case Change.PutEpoch(Epoch epoch) -> highest = epoch.compareTo(highest) > 0 ? epoch : highest;
      case Change.PutRestored(boolean now) -> restored = now;
      case Change.Audit audit ->
          audited.add(AuditLine.after(auditEnd(), audit.fact()).text());
      case Change.Append(EventView e) -> {
        lastSeq++;
        events.put(
            lastSeq,
            new EventView(lastSeq, e.at(), e.type(), e.task(), e.node(), e.epoch(), e.detail()));
      }
    }
  }

  @Override
  @SuppressWarnings("unchecked") // Each case of `answer` gives what its query declares.
  public synchronized <R> R read(Query<R> query) {
    checkOpen();
    return (R) answer(query);
  }

  private Object answer(Query<?> query) {
    return switch (query) {
      case Query.LiveTasks() -> where(tasks.values(), task -> !task.state().ended());
      case Query.TaskById(TaskId id) -> Optional.ofNullable(tasks.get(id));
      case Query.TaskByName(String name) ->
          where(tasks.values(), task -> name.equals(task.spec().name())).reversed().stream()
              .findFirst();
      case Query.Tasks page -> tasks(page);
      case Query.RunsOf(TaskId task) -> where(runs.values(), run -> run.id().task().equals(task));
      case Query.LiveRuns() -> where(runs.values(), run -> !run.ended());
      case Query.Nodes() -> List.copyOf(nodes.values());
      case Query.Keys() -> List.copyOf(keys.values());
      case Query.Invites() -> List.copyOf(invites.values());
      case Query.Networks() -> List.copyOf(networks.values());
      case Query.Seats() -> seats.values().stream().flatMap(all -> all.values().stream()).toList();
      case Query.NodeKeys() ->
          nodeKeys.values().stream().flatMap(all -> all.values().stream()).toList();
      case Query.Notes(String space) ->
          List.copyOf(notes.getOrDefault(space, new TreeMap<>()).values());
      case Query.Idempotent(String keyId, String idempotencyKey) ->
          Optional.ofNullable(remembered.get(List.of(keyId, idempotencyKey)))
              .filter(answer -> answer.expires().isAfter(clock.instant()))
              .map(Remembered::answer);
      case Query.Forgets() -> {
        Map<PeerId, Set<TaskId>> copy = new TreeMap<>();
        forgets.forEach((node, left) -> copy.put(node, new TreeSet<>(left)));
        yield copy;
      }
      case Query.Meta() -> new StoreMeta(highest, restored, lastSeq);
      case Query.Audit(long after, int limit) ->
          new Query.AuditPage(audited.stream().skip(after).limit(limit).toList(), auditEnd());
      case Query.Events(long after, TaskId task, int limit) ->
          new Query.EventPage(
              events.tailMap(after, false).values().stream()
                  .filter(event -> task == null || task.equals(event.task()))
                  .limit(limit)
                  .toList(),
              trimmed + 1,
              lastSeq);
    };
  }

  private AuditEnd auditEnd() {
    return audited.isEmpty() ? AuditEnd.NONE : AuditEnd.at(audited.size(), audited.getLast());
  }

  private List<TaskRow> tasks(Query.Tasks page) {
    List<TaskRow> newestFirst = new ArrayList<>(tasks.values()).reversed();
    if (page.before() != null) {
      TaskRow before = tasks.get(page.before());
      if (before == null) {
        throw new StoreException(
            ErrorCode.GONE,
            "cannot list the tasks before " + page.before() + ": it was deleted meanwhile",
            "list again from the newest");
      }
      newestFirst = newestFirst.subList(newestFirst.indexOf(before) + 1, newestFirst.size());
    }
    return newestFirst.stream()
        .filter(task -> page.ended() || !task.state().ended())
        .limit(page.limit())
        .toList();
  }

  private static <T> List<T> where(Collection<T> rows, Predicate<T> wanted) {
    return rows.stream().filter(wanted).toList();
  }

  /// There is nothing on a disk to copy.
  @Override
  public void backup(Path file) {
    throw new StoreException(
        ErrorCode.BAD_REQUEST,
        "cannot write the backup " + file + ": this store is in memory only",
        "use a store on disk");
  }

  private void checkOpen() {
    if (closed) {
      throw new StoreException(ErrorCode.NOT_READY, "the store is closed", "open a new one");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
