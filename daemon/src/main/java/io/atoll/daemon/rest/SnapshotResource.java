package io.atoll.daemon.rest;

import io.atoll.client.api.SnapshotList;
import io.atoll.client.api.SnapshotView;
import io.atoll.client.api.TaskView;
import io.atoll.client.request.SnapshotMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.SnapshotName;
import io.atoll.daemon.hub.HubApi;
import io.atoll.market.activity.SnapshotMessage.Verb;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// Snapshots of tasks.
final class SnapshotResource {
  private final HubApi hub;

  SnapshotResource(HubApi hub) {
    this.hub = hub;
  }

  List<Route> routes() {
    String all = "/api/v1/tasks/{task}/snapshots";
    return List.of(
        Route.get(all, this::list),
        Route.post(all, this::take),
        Route.delete(all + "/{snapshot}", this::remove),
        Route.post(all + "/{snapshot}/restore", this::restore));
  }

  private void list(Call call) throws InterruptedException {
    call.json(200, hub.snapshots(call.path("task"), Verb.LIST, null));
  }

  private void take(Call call) throws IOException, InterruptedException {
    SnapshotName name = SnapshotMapping.wanted(call.body(), Instant.now());
    begun(call);
    call.json(201, one(hub.snapshots(call.path("task"), Verb.TAKE, name), name));
  }

  private void remove(Call call) throws InterruptedException {
    SnapshotName name = name(call);
    begun(call);
    SnapshotList _ = hub.snapshots(call.path("task"), Verb.REMOVE, name);
    call.nothing();
  }

  private void restore(Call call) throws InterruptedException {
    SnapshotName name = name(call);
    begun(call);
    call.json(200, one(hub.snapshots(call.path("task"), Verb.RESTORE, name), name));
  }

  /// What is done to a task that is not there does not begin.
  private void begun(Call call) throws InterruptedException {
    TaskView _ = hub.task(call.path("task"));
    call.begun();
  }

  private static SnapshotName name(Call call) {
    return SnapshotMapping.name(call.path("snapshot"));
  }

  private static SnapshotView one(SnapshotList all, SnapshotName name) {
    return all.snapshots().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.CONFLICT,
                    "snapshot '" + name + "' was removed meanwhile",
                    "see those that there are"));
  }
}
