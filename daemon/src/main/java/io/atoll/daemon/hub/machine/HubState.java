package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.NodeKeyRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreMeta;
import io.atoll.daemon.store.TaskRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a machine starts from: the live part of the store.
///
/// @param runs those that have not ended, and the newest run of each queued task that had one
public record HubState(
    StoreMeta meta,
    List<TaskRow> tasks,
    List<RunRow> runs,
    List<NodeRow> nodes,
    List<KeyRow> keys,
    List<InviteRow> invites,
    Map<PeerId, Set<TaskId>> forgets,
    List<NetworkRow> networks,
    List<SeatRow> seats,
    List<NodeKeyRow> nodeKeys) {

  /// Reads it; nobody may write meanwhile.
  public static HubState load(Store store) {
    List<TaskRow> tasks = store.read(new Query.LiveTasks());
    List<RunRow> runs = new ArrayList<>(store.read(new Query.LiveRuns()));
    Set<TaskId> covered =
        runs.stream().map(run -> run.id().task()).collect(java.util.stream.Collectors.toSet());
    for (TaskRow task : tasks) {
      if (!task.epoch().equals(Epoch.NONE) && !covered.contains(task.id())) {
        List<RunRow> all = store.read(new Query.RunsOf(task.id()));
        if (!all.isEmpty()) {
          runs.add(all.getLast());
        }
      }
    }
    return new HubState(
        store.read(new Query.Meta()),
        tasks,
        runs,
        store.read(new Query.Nodes()),
        store.read(new Query.Keys()),
        store.read(new Query.Invites()),
        store.read(new Query.Forgets()),
        store.read(new Query.Networks()),
        store.read(new Query.Seats()),
        store.read(new Query.NodeKeys()));
  }
}
