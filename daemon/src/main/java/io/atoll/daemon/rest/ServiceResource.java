package io.atoll.daemon.rest;

import io.atoll.client.api.Contract;
import io.atoll.client.api.HealthView;
import io.atoll.client.api.ReadyView;
import io.atoll.core.json.Json;
import io.atoll.daemon.hub.HubApi;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/// The hub itself: health, readiness, version, measurements, contract.
final class ServiceResource {
  private final HubApi hub;
  private final RestSettings settings;
  private volatile byte @Nullable [] contract;

  ServiceResource(HubApi hub, RestSettings settings) {
    this.hub = hub;
    this.settings = settings;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/healthz", call -> call.json(200, new HealthView("ok"))).open(Access.ALWAYS),
        Route.get("/readyz", this::ready).open(Access.ALWAYS),
        Route.get("/version", call -> call.json(200, settings.version())).open(Access.ALWAYS),
        Route.get("/metrics", this::metrics).open(Access.LOOPBACK),
        Route.get("/openapi.json", this::contract).open(Access.ALWAYS));
  }

  private void ready(Call call) {
    List<String> reasons = hub.notReady();
    call.json(reasons.isEmpty() ? 200 : 503, new ReadyView(reasons.isEmpty(), reasons));
  }

  private void metrics(Call call) {
    call.response().header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    call.response().header(HeaderValues.CACHE_NO_CACHE);
    call.response().send(settings.metrics().scrape().getBytes(StandardCharsets.UTF_8));
  }

  /// Made when first asked for: reading YAML has no place in the start of a daemon.
  private void contract(Call call) {
    byte[] json = contract;
    if (json == null) {
      Object yaml = new Yaml(new SafeConstructor(new LoaderOptions())).load(Contract.yaml());
      json = Json.bytes(yaml);
      contract = json;
    }
    call.response().header(HeaderValues.CONTENT_TYPE_JSON);
    call.response().send(json);
  }
}
