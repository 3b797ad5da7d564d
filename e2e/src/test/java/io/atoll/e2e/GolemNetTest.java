package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The predecessor's sequence by REST alone, with two sandboxed processes on two providers that
/// fetch from each other over the network they were deployed with.
@Tag("real")
@Timeout(240)
class GolemNetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String NET = "/net-api/v2/vpn/net";
  private static final String MARKET = "/market-api/v1";
  private static final String ACTIVITY = "/activity-api/v1/activity";

  /// Answers each caller with a word.
  private static final String SERVER =
      """
      use IO::Socket::INET;
      my $s = IO::Socket::INET->new(LocalPort => 8080, Listen => 16, ReuseAddr => 1) or die $!;
      while (1) { my $c = $s->accept or next; print $c "hello over the network\\n"; close $c }
      """;

  private static final String FETCH =
      """
      use IO::Socket::INET; my $c;
      for (1 .. 30) {
        $c = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:8080", Timeout => 3) and last; sleep 1;
      }
      die "not connected: $@" unless $c;
      print while <$c>;
      """;

  @TempDir Path folder;
  private final HttpClient http = HttpClient.newHttpClient();
  private Pool pool;

  @BeforeEach
  void start() throws Exception {
    pool = Pool.start(folder, 2);
  }

  @AfterEach
  void stop() {
    pool.close();
    http.close();
  }

  private HttpResponse<String> ask(String method, String path, @Nullable Object body)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(pool.hub.api() + path))
            .header("Authorization", "Bearer " + pool.hub.key())
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(Json.write(body)))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private JsonNode done(String method, String path, @Nullable Object body) throws Exception {
    HttpResponse<String> answer = ask(method, path, body);
    assertThat(answer.statusCode())
        .as("%s %s: %s", method, path, answer.body())
        .isBetween(200, 204);
    return answer.body().isEmpty()
        ? Json.mapper().nullNode()
        : Json.mapper().readTree(answer.body());
  }

  private String agreement(String node) throws Exception {
    String demand =
        done(
                "POST",
                MARKET + "/demands",
                Map.of(
                    "properties",
                    Map.of(),
                    "constraints",
                    "(&(golem.runtime.name=process)(golem.runtime.capabilities=vpn)"
                        + "(golem.node.id.name="
                        + node
                        + ")(golem.inf.mem.gib>=0.0625)(golem.inf.cpu.threads>=0.1))"))
            .asText();
    JsonNode proposal =
        done("GET", MARKET + "/demands/" + demand + "/events?timeout=30", null)
            .path(0)
            .path("proposal");
    String id =
        done(
                "POST",
                MARKET + "/agreements",
                Map.of("proposalId", proposal.path("proposalId").asText()))
            .asText();
    done("POST", MARKET + "/agreements/" + id + "/confirm", null);
    done("POST", MARKET + "/agreements/" + id + "/wait?timeout=30", null);
    return id;
  }

  private JsonNode batch(String activity, List<?> commands) throws Exception {
    String at = ACTIVITY + "/" + activity + "/exec";
    String id = done("POST", at, Map.of("text", Json.write(commands))).asText();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode results = done("GET", at + "/" + id + "?timeout=10", null);
      if (results.path(results.size() - 1).path("isBatchFinished").asBoolean()) {
        return results;
      }
      assertThat(System.nanoTime() - deadline).as("%s: %s", commands, results).isNegative();
    }
  }

  private String deployed(String net, String agreement, String ip, List<String> args)
      throws Exception {
    String node =
        done("GET", MARKET + "/agreements/" + agreement, null)
            .path("offer")
            .path("providerId")
            .asText();
    done("POST", NET + "/" + net + "/nodes", Map.of("id", node, "ip", ip));
    String activity =
        done("POST", ACTIVITY, Map.of("agreementId", agreement)).path("activityId").asText();
    JsonNode results =
        batch(
            activity,
            List.of(
                Map.of("deploy", Map.of("net", List.of(Map.of("id", net, "nodeIp", ip)))),
                Map.of("start", Map.of("args", args))));
    assertThat(results.findValuesAsText("result"))
        .as(results.toString())
        .containsExactly("Ok", "Ok");
    return activity;
  }

  @Test
  void twoActivitiesReachEachOtherAndInTheEndEverythingIsFree() throws Exception {
    String net =
        done("POST", NET, Map.of("ip", "192.168.7.0", "mask", "255.255.255.0")).path("id").asText();
    String one = agreement("p1");
    String two = agreement("p2");
    String server = deployed(net, one, "192.168.7.2", List.of("/usr/bin/perl", "-e", SERVER));
    String client = deployed(net, two, "192.168.7.3", List.of());

    JsonNode fetched =
        batch(
            client,
            List.of(
                Map.of(
                    "run",
                    Map.of(
                        "entry_point",
                        "/usr/bin/perl",
                        "args",
                        List.of("-e", FETCH, "192.168.7.2")))));
    assertThat(fetched.path(0).path("stdout").asText())
        .as(fetched.toString())
        .contains("hello over the network");

    for (JsonNode node : done("GET", NET + "/" + net + "/nodes", null)) {
      done("DELETE", NET + "/" + net + "/nodes/" + node.path("id").asText(), null);
    }
    done("DELETE", NET + "/" + net, null);
    assertThat(ask("GET", NET + "/" + net, null).statusCode()).isEqualTo(404);
    for (String activity : List.of(server, client)) {
      done("DELETE", ACTIVITY + "/" + activity + "?timeout=60", null);
    }
    for (String agreement : List.of(one, two)) {
      done("POST", MARKET + "/agreements/" + agreement + "/terminate", Map.of());
    }
    assertThat(pool.client.tasks(false, null, 100).tasks()).isEmpty();
    assertThat(pool.client.privateNetworks().list()).isEmpty();
    await()
        .atMost(PATIENCE)
        .until(() -> pool.client.nodes().stream().allMatch(n -> n.free().equals(n.total())));
  }
}
