package io.atoll.daemon.rest;

import io.atoll.client.api.ExecRequest;
import io.atoll.client.api.ExecView;
import io.atoll.client.api.TaskView;
import io.atoll.client.request.ExecMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.hub.HubApi;
import java.io.IOException;
import java.util.List;

/// Commands beside tasks' payloads: begun by a request, talked to over an upgraded connection
/// (`ExecUpgrade`).
final class ExecResource {
  private final HubApi hub;

  ExecResource(HubApi hub) {
    this.hub = hub;
  }

  List<Route> routes() {
    return List.of(
        Route.post("/api/v1/tasks/{task}/exec", this::begin),
        Route.get("/api/v1/tasks/{task}/exec/{session}", this::plain));
  }

  private void begin(Call call) throws IOException, InterruptedException {
    ExecRequest asked = ExecMapping.read(call.body());
    TaskView _ = hub.task(call.path("task")); // what is not there does not begin
    call.begun();
    hub.exec(call.path("task"), asked);
    call.json(201, new ExecView(asked.session()));
  }

  /// Only reached without an upgrade.
  private void plain(Call call) {
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        "a command is talked to over an upgraded connection",
        "send Connection: Upgrade and Upgrade: " + ExecUpgrade.PROTOCOL);
  }
}
