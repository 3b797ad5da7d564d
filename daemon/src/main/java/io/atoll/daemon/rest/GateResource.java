package io.atoll.daemon.rest;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.gate.GateTarget;
import io.atoll.daemon.golem.Gates;
import io.atoll.daemon.golem.Golem;
import java.util.List;

/// Ways into networks, for those who did not ask for a WebSocket, or not rightly.
final class GateResource {
  private static final String NETWORK = "/api/v1/networks/{network}";

  List<Route> routes() {
    return List.of(
        Route.get(NETWORK + "/tcp/{host}/{port}", GateResource::refuse),
        Route.get(NETWORK + "/udp/{host}/{port}", GateResource::refuse),
        Route.get(NETWORK + "/raw/{address}", GateResource::refuse));
  }

  static void refuse(Call call) {
    String path = call.request().path().path();
    if (Golem.isPath(path)) {
      if (Gates.parse(path) == null) {
        throw Call.wrong("path", path, "write a port from 1 to 65535, and addresses as such");
      }
    } else if (GateTarget.parse(path) == null) {
      throw Call.wrong("port", call.path("port"), "write a port from 1 to 65535");
    }
    throw new AtollException(
        ErrorCode.BAD_REQUEST,
        "this is the address of a WebSocket (version 13), and the request asked for none",
        "`atoll forward` and `atoll proxy` speak it; see the contract at /openapi.json");
  }
}
