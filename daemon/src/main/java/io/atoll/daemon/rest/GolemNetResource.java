package io.atoll.daemon.rest;

import io.atoll.daemon.golem.Nets;
import io.atoll.daemon.store.KeyRow;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Golem's Net API, the same under the paths of both of its versions.
final class GolemNetResource {
  private static final List<String> ROOTS = List.of("/net-api/v1/net", "/net-api/v2/vpn/net");

  private final Nets nets;

  GolemNetResource(Nets nets) {
    this.nets = nets;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(Route.get("/me", this::me));
    for (String root : ROOTS) {
      String one = root + "/{net}";
      routes.add(Route.get(root, call -> call.json(200, nets.list(key(call)))));
      routes.add(Route.post(root, call -> call.json(200, nets.create(key(call), call.body()))));
      routes.add(Route.get(one, call -> call.json(200, nets.show(key(call), net(call)))));
      routes.add(Route.delete(one, this::remove));
      routes.add(
          Route.get(
              one + "/addresses", call -> call.json(200, nets.addresses(key(call), net(call)))));
      routes.add(Route.post(one + "/addresses", this::addAddress));
      routes.add(Route.delete(one + "/addresses/{address}", this::removeAddress));
      routes.add(
          Route.get(one + "/nodes", call -> call.json(200, nets.nodes(key(call), net(call)))));
      routes.add(Route.post(one + "/nodes", this::addNode));
      routes.add(Route.delete(one + "/nodes/{node}", this::removeNode));
      routes.add(Route.get(one + "/tcp/{host}/{port}", GateResource::refuse));
      routes.add(Route.get(one + "/raw/from/{source}/to/{target}", GateResource::refuse));
    }
    return routes;
  }

  static String key(Call call) {
    return keyRow(call).id();
  }

  static KeyRow keyRow(Call call) {
    return Objects.requireNonNull(call.key(), "the route needs a key");
  }

  private static String net(Call call) {
    return call.path("net");
  }

  private void me(Call call) {
    KeyRow key = keyRow(call);
    call.json(
        200, Map.of("identity", nets.requestor(key.id()), "name", key.name(), "role", "manager"));
  }

  private void remove(Call call) throws InterruptedException {
    nets.remove(key(call), net(call));
    done(call);
  }

  private void addAddress(Call call) throws IOException, InterruptedException {
    nets.addAddress(key(call), net(call), call.body());
    done(call);
  }

  private void removeAddress(Call call) throws InterruptedException {
    nets.removeAddress(key(call), net(call), call.path("address"));
    done(call);
  }

  private void addNode(Call call) throws IOException, InterruptedException {
    nets.addNode(key(call), net(call), call.body());
    done(call);
  }

  private void removeNode(Call call) throws InterruptedException {
    nets.removeNode(key(call), net(call), call.path("node"));
    done(call);
  }

  /// Golem's clients take an empty 200.
  static void done(Call call) {
    call.response().status(200);
    call.response().header(HeaderValues.CACHE_NO_CACHE);
    call.response().send();
  }
}
