package io.atoll.daemon.sim;

import io.atoll.client.api.EventView;
import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.AuditLine;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.NodeKeyRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.NoteRow;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreMeta;
import io.atoll.daemon.store.TaskRow;
import io.atoll.daemon.store.Transaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A store in memory. What was committed stays, whatever happens to the hub.
public final class SimStore implements Store {
  final Map<TaskId, TaskRow> tasks = new TreeMap<>();
  final TreeMap<RunId, RunRow> runs = new TreeMap<>();
  final Map<PeerId, NodeRow> nodes = new TreeMap<>();
  final Map<String, KeyRow> keys = new TreeMap<>();
  final Map<String, InviteRow> invites = new TreeMap<>();
  final TreeMap<NetworkId, NetworkRow> networks = new TreeMap<>();
  final TreeMap<NetworkId, TreeMap<String, SeatRow>> seats = new TreeMap<>();
  final TreeMap<String, TreeMap<String, NoteRow>> notes = new TreeMap<>();
  final TreeMap<NetworkId, TreeMap<PeerId, NodeKeyRow>> nodeKeys = new TreeMap<>();
  final Map<String, Query.Idempotency> idempotent = new HashMap<>();
  final Map<PeerId, Set<TaskId>> forgets = new TreeMap<>();
  final List<EventView> events = new ArrayList<>();
  final List<String> audited = new ArrayList<>();
  Epoch highest = new Epoch(1, 0);
  boolean restored;
  long seq;
  boolean keepEvents;

  public static SimStore copyOf(SimStore store) {
    return store.copy();
  }

  SimStore copy() {
    SimStore copy = new SimStore();
    copy.tasks.putAll(tasks);
    copy.runs.putAll(runs);
    copy.nodes.putAll(nodes);
    copy.keys.putAll(keys);
    copy.invites.putAll(invites);
    copy.networks.putAll(networks);
    seats.forEach((network, all) -> copy.seats.put(network, new TreeMap<>(all)));
    notes.forEach((space, all) -> copy.notes.put(space, new TreeMap<>(all)));
    nodeKeys.forEach((network, all) -> copy.nodeKeys.put(network, new TreeMap<>(all)));
    copy.idempotent.putAll(idempotent);
    forgets.forEach((node, ids) -> copy.forgets.put(node, new TreeSet<>(ids)));
    copy.events.addAll(events);
    copy.audited.addAll(audited);
    copy.highest = highest;
    copy.restored = restored;
    copy.seq = seq;
    copy.keepEvents = keepEvents;
    return copy;
  }

  @Override
  public List<Outcome> commit(List<Transaction> group) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Transaction transaction : group) {
      Optional<Precondition> failed =
          transaction.preconditions().stream().filter(p -> !holds(p)).findFirst();
      if (failed.isPresent()) {
        outcomes.add(new Outcome.Conflict(failed.get()));
      } else {
        transaction.changes().forEach(this::apply);
        outcomes.add(new Outcome.Applied(seq));
      }
    }
    return outcomes;
  }

  private boolean holds(Precondition precondition) {
    return switch (precondition) {
      case Precondition.TaskIs is -> {
        TaskRow task = tasks.get(is.id());
        yield task != null && task.epoch().equals(is.epoch()) && task.state() == is.state();
      }
      case Precondition.TaskAbsent absent -> !tasks.containsKey(absent.id());
      case Precondition.GenerationIs is -> highest.generation() == is.generation();
      case Precondition.InviteOpen open ->
          invites.values().stream()
              .anyMatch(
                  invite ->
                      invite.id().equals(open.id())
                          && invite.usedBy() == null
                          && invite.revokedAt() == null);
    };
  }

  private void apply(Change change) {
    switch (change) {
      case Change.PutTask put -> tasks.put(put.task().id(), put.task());
      case Change.DeleteTask delete -> {
        tasks.remove(delete.task());
        runs.keySet().removeIf(run -> run.task().equals(delete.task()));
      }
      case Change.PutRun put -> runs.put(put.run().id(), put.run());
      case Change.PutNode put -> nodes.put(put.node().id(), put.node());
      case Change.DeleteNode delete -> nodes.remove(delete.node());
      case Change.PutKey put -> keys.put(put.key().id(), put.key());
      case Change.PutInvite put -> invites.put(put.invite().id(), put.invite());
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
          idempotent.put(
              put.keyId() + "/" + put.idempotencyKey(),
              new Query.Idempotency(put.bodyHash(), put.task()));
      case Change.PutForget put ->
          forgets.computeIfAbsent(put.node(), _ -> new TreeSet<>()).add(put.task());
      case Change.Forgotten forgotten ->
          forgets.getOrDefault(forgotten.node(), new TreeSet<>()).remove(forgotten.task());
      case Change.PutEpoch put -> {
        if (put.epoch().compareTo(highest) > 0) {
          highest = put.epoch();
        }
      }
      case Change.PutRestored put -> restored = put.restored();
      case Change.Audit audit -> audited.add(AuditLine.after(auditEnd(), audit.fact()).text());
      case Change.Append append -> {
        seq++;
        if (keepEvents) {
          events.add(append.event());
        }
      }
    }
  }

  @Override
  @SuppressWarnings("unchecked") // each case answers with the type its query names
  public <R> R read(Query<R> query) {
    return (R) answer(query);
  }

  private Object answer(Query<?> query) {
    return switch (query) {
      case Query.LiveTasks _ ->
          tasks.values().stream()
              .filter(task -> !task.state().ended())
              .sorted(Comparator.comparing(TaskRow::createdAt).thenComparing(TaskRow::id))
              .toList();
      case Query.TaskById byId -> Optional.ofNullable(tasks.get(byId.id()));
      case Query.TaskByName byName ->
          tasks.values().stream()
              .filter(task -> byName.name().equals(task.spec().name()))
              .max(Comparator.comparing(TaskRow::createdAt));
      case Query.Tasks some ->
          tasks.values().stream()
              .filter(task -> some.ended() || !task.state().ended())
              .limit(some.limit())
              .toList();
      case Query.RunsOf of ->
          runs.values().stream().filter(run -> run.id().task().equals(of.task())).toList();
      case Query.LiveRuns _ -> runs.values().stream().filter(run -> !run.ended()).toList();
      case Query.Nodes _ -> List.copyOf(nodes.values());
      case Query.Keys _ -> List.copyOf(keys.values());
      case Query.Invites _ -> List.copyOf(invites.values());
      case Query.Networks _ -> List.copyOf(networks.values());
      case Query.Seats _ -> seats.values().stream().flatMap(all -> all.values().stream()).toList();
      case Query.NodeKeys _ ->
          nodeKeys.values().stream().flatMap(all -> all.values().stream()).toList();
      case Query.Notes(String space) ->
          List.copyOf(notes.getOrDefault(space, new TreeMap<>()).values());
      case Query.Idempotent key ->
          Optional.ofNullable(idempotent.get(key.keyId() + "/" + key.idempotencyKey()));
      case Query.Forgets _ -> {
        Map<PeerId, Set<TaskId>> copy = new TreeMap<>();
        forgets.forEach((node, ids) -> copy.put(node, Set.copyOf(ids)));
        yield copy;
      }
      case Query.Meta _ -> new StoreMeta(highest, restored, seq);
      case Query.Audit page ->
          new Query.AuditPage(
              audited.stream().skip(page.after()).limit(page.limit()).toList(), auditEnd());
      case Query.Events _ -> new Query.EventPage(List.copyOf(events), 1, seq);
    };
  }

  private AuditEnd auditEnd() {
    return audited.isEmpty() ? AuditEnd.NONE : AuditEnd.at(audited.size(), audited.getLast());
  }

  @Override
  public void backup(Path file) {
    throw new UnsupportedOperationException("use copy()");
  }

  @Override
  public void close() {}
}
