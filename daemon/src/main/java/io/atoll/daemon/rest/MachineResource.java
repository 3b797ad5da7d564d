package io.atoll.daemon.rest;

import io.atoll.client.api.GpuList;
import io.atoll.client.api.MachineView;
import io.atoll.daemon.hub.HubApi;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// What a provider's machine is and does: the same under the house's own root and where Golem
/// Unlimited's users look for it.
final class MachineResource {
  private static final List<String> ROOTS = List.of("/api/v1/nodes/{node}", "/peers/{node}");

  private final HubApi hub;

  MachineResource(HubApi hub) {
    this.hub = hub;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    for (String root : ROOTS) {
      String inf = root + "/inf";
      routes.add(part(inf, machine -> machine));
      routes.add(part(inf + "/cpu", MachineView::cpu));
      routes.add(part(inf + "/mem", MachineView::mem));
      routes.add(part(inf + "/storage", MachineView::storage));
      routes.add(part(inf + "/os", MachineView::os));
      routes.add(part(inf + "/gpu", machine -> new GpuList(machine.gpu())));
      routes.add(
          Route.get(
              inf + "/usage", call -> call.json(200, hub.machines().usage(call.path("node")))));
      routes.add(
          Route.get(
              inf + "/tasks", call -> call.json(200, hub.machines().tasks(call.path("node")))));
    }
    return routes;
  }

  private Route part(String path, Function<MachineView, Object> part) {
    return Route.get(
        path, call -> call.json(200, part.apply(hub.machines().machine(call.path("node")))));
  }
}
