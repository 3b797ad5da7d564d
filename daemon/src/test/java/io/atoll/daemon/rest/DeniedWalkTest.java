package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.VersionView;
import io.atoll.daemon.golem.Golem;
import io.atoll.daemon.rest.ServedHub.Answer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every route, asked by those who may not: none lets them through, each is on record, and the
/// same call gets further with the key that is needed.
@Timeout(120)
class DeniedWalkTest {
  private static List<Route> routes(ServedHub served) {
    RestSettings settings =
        new RestSettings(
            served.server.address(),
            Set.of(),
            served.scratch,
            new VersionView("", "", "", ""),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    return RestServer.routes(
            served.hub,
            served.provider,
            served.peers,
            served.adverts,
            settings,
            new LiveStreams(),
            new Golem(served.hub))
        .stream()
        .filter(route -> route.access() == Access.KEY)
        .toList();
  }

  private static String path(Route route) {
    String path = route.path().replaceAll("\\{[a-z]+}", "x");
    return route.parameters().contains("follow") ? path + "?follow=false" : path;
  }

  private static Answer ask(ServedHub served, Route route, String authorization) throws Exception {
    var request = served.bare(route.method().text(), path(route), new byte[0]);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return served.send(request.build());
  }

  private static void denied(ServedHub served, Route route, Answer answer, int status) {
    assertThat(answer.status()).as(route.words()).isEqualTo(status);
    List<String> told = served.hub.audit.told();
    assertThat(told.getLast())
        .startsWith((status == 401 ? "address 127.0.0.1 " : "key k1 ") + route.words() + " ")
        .endsWith(status == 401 ? " UNAUTHENTICATED" : " DENIED");
  }

  @Test
  void nobodyComesInWithoutAKeyOrWithAWrongOne() throws Exception {
    try (ServedHub served = new ServedHub()) {
      List<Route> routes = routes(served);
      assertThat(routes).hasSizeGreaterThan(90);
      for (Route route : routes) {
        denied(served, route, ask(served, route, ""), 401);
        denied(served, route, ask(served, route, "Bearer " + MemoryHub.SECRET + "x"), 401);
        denied(served, route, ask(served, route, "Basic " + MemoryHub.SECRET), 401);
        // Whatever else is wrong with an empty call, with the key it is not who calls.
        Answer answer = ask(served, route, "Bearer " + MemoryHub.SECRET);
        assertThat(answer.status()).as(route.words()).isNotIn(401, 403);
      }
    }
  }

  @Test
  void whatIsTheOwnersIsDeniedToTheKeysOfOthers() throws Exception {
    try (ServedHub served = new ServedHub()) {
      int owners = 0;
      for (Route route : routes(served)) {
        served.peers.owner = true;
        Answer own = ask(served, route, "Bearer " + MemoryHub.SECRET);
        served.peers.owner = false;
        Answer foreign = ask(served, route, "Bearer " + MemoryHub.SECRET);
        served.peers.owner = true;
        assertThat(own.status()).as(route.words()).isNotIn(401, 403);
        if (foreign.status() == 403) {
          denied(served, route, foreign, 403);
          owners++;
        }
      }
      assertThat(owners).isGreaterThan(25);
    }
  }
}
