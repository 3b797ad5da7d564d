package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.Contract;
import io.atoll.client.api.Problem;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/// The contract and what is served are the same: routes, who may call them, and the fields of
/// every record.
class ContractTest {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");

  private static final Map<String, Object> YAML = new Yaml().load(Contract.yaml());

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /// `GET /path` to the operation.
  private static Map<String, Map<String, Object>> operations() {
    Map<String, Map<String, Object>> operations = new TreeMap<>();
    map(YAML.get("paths"))
        .forEach(
            (path, item) ->
                map(item)
                    .forEach(
                        (method, operation) -> {
                          if (METHODS.contains(method)) {
                            operations.put(method.toUpperCase() + " " + path, map(operation));
                          }
                        }));
    return operations;
  }

  private static Map<String, Route> served(ServedHub hub) {
    RestSettings settings =
        new RestSettings(
            hub.server.address(),
            Set.of(),
            hub.scratch,
            new io.atoll.client.api.VersionView("", "", "", ""),
            new io.micrometer.prometheusmetrics.PrometheusMeterRegistry(
                io.micrometer.prometheusmetrics.PrometheusConfig.DEFAULT));
    return RestServer.routes(
            hub.hub,
            hub.provider,
            hub.peers,
            hub.adverts,
            settings,
            new LiveStreams(),
            new io.atoll.daemon.golem.Golem(hub.hub))
        .stream()
        .collect(
            Collectors.toMap(
                r -> r.method().text() + " " + r.path(), r -> r, (a, b) -> a, TreeMap::new));
  }

  @Test
  void everyRouteIsInTheContractAndTheReverse() throws Exception {
    try (ServedHub hub = new ServedHub()) {
      assertThat(served(hub).keySet()).isEqualTo(operations().keySet());
    }
  }

  @Test
  void everyQueryParameterIsInTheContractAndTheReverse() throws Exception {
    try (ServedHub hub = new ServedHub()) {
      Map<String, Route> routes = served(hub);
      operations()
          .forEach(
              (name, operation) -> {
                List<?> all = (List<?>) operation.getOrDefault("parameters", List.of());
                List<?> ofQuery =
                    all.stream()
                        .map(ContractTest::map)
                        .filter(parameter -> "query".equals(parameter.get("in")))
                        .map(parameter -> parameter.get("name"))
                        .toList();
                assertThat(routes.get(name).parameters()).as(name).isEqualTo(ofQuery);
              });
    }
  }

  @Test
  void theOpenListIsTheContractsAndIsWalked() throws Exception {
    try (ServedHub hub = new ServedHub()) {
      Map<String, Route> routes = served(hub);
      Set<String> open = new TreeSet<>();
      for (var entry : operations().entrySet()) {
        Map<String, Object> operation = entry.getValue();
        Route route = routes.get(entry.getKey());
        if (operation.containsKey("security")) {
          assertThat(operation.get("security")).as(entry.getKey()).isEqualTo(List.of());
          assertThat(operation.get("x-atoll-open"))
              .as(entry.getKey())
              .isEqualTo(route.access().name().toLowerCase());
          open.add(entry.getKey());
        } else {
          assertThat(route.access()).as(entry.getKey()).isEqualTo(Access.KEY);
        }
        String path = route.path().replaceAll("\\{[a-z]+}", "x");
        Answer answer = hub.send(hub.bare(route.method().text(), path, new byte[0]).build());
        if (route.access() == Access.KEY) {
          assertThat(answer.status()).as(entry.getKey()).isEqualTo(401);
          assertThat(answer.code()).isEqualTo("UNAUTHENTICATED");
        } else {
          assertThat(answer.status()).as(entry.getKey()).isNotEqualTo(401);
        }
      }
      assertThat(open)
          .containsExactlyInAnyOrder(
              "GET /healthz",
              "GET /readyz",
              "GET /version",
              "GET /metrics",
              "GET /openapi.json",
              "POST /api/v1/apps/redeem",
              "POST /api/v1/auth/challenge",
              "POST /api/v1/auth/token");
    }
  }

  @Test
  void theServedContractIsTheFile() throws Exception {
    try (ServedHub hub = new ServedHub()) {
      assertThat(hub.get("/openapi.json").json()).isEqualTo(Json.mapper().valueToTree(YAML));
    }
  }

  @Test
  void everySchemaHasTheFieldsOfItsRecord() throws Exception {
    Map<String, Object> schemas = map(map(YAML.get("components")).get("schemas"));
    Map<String, Class<?>> records = new TreeMap<>();
    for (String name : schemas.keySet()) {
      for (String place :
          List.of(
              "io.atoll.client.api." + name,
              "io.atoll.client.api.Waiting$" + name,
              "io.atoll.client.api.TaskSpec$" + name,
              "io.atoll.client.api.OutputEvents$" + name.replace("Event", ""),
              "io.atoll.core.term." + name)) {
        try {
          Class<?> type = Class.forName(place);
          if (type.isRecord() && map(schemas.get(name)).containsKey("properties")) {
            records.putIfAbsent(name, type);
          }
        } catch (ClassNotFoundException | NoClassDefFoundError e) {
          // no record of that name there
        }
      }
    }
    assertThat(records).hasSizeGreaterThan(25);
    records.forEach(
        (name, type) ->
            assertThat(map(map(schemas.get(name)).get("properties")).keySet())
                .as(name)
                .isEqualTo(
                    Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getName)
                        .collect(Collectors.toSet())));
    for (String name : schemas.keySet()) {
      if (map(schemas.get(name)).containsKey("properties")) {
        assertThat(records).as("a record for each schema with fields").containsKey(name);
      }
    }
  }

  @Test
  void theCodesAreThoseOfTheProgram() {
    Map<String, Object> problem =
        map(map(map(YAML.get("components")).get("schemas")).get(Problem.class.getSimpleName()));
    assertThat(map(map(problem.get("properties")).get("code")).get("enum"))
        .isEqualTo(Arrays.stream(ErrorCode.values()).map(Enum::name).toList());
  }
}
