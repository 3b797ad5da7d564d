package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.MemberView;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Resources;
import io.atoll.daemon.rest.GolemHub.Answer;
import io.atoll.daemon.store.Fuzz;
import io.atoll.market.agreement.Offer;
import io.atoll.market.agreement.Terms;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Golem's Net API as a caller sees it: networks, addresses, nodes, and what is refused.
@Timeout(60)
class GolemNetApiTest {
  private static final String V1 = "/net-api/v1/net";
  private static final String V2 = "/net-api/v2/vpn/net";
  private static final String BLOCK = "{\"ip\":\"192.168.7.0\",\"mask\":\"255.255.255.0\"}";

  @TempDir Path temp;
  private GolemHub golem;
  private String mine;
  private String other;

  @BeforeEach
  void start() throws Exception {
    golem = new GolemHub(temp);
    mine = golem.hub.createKey("mine");
    other = golem.hub.createKey("other");
  }

  @AfterEach
  void stop() {
    golem.close();
  }

  private Answer ask(String method, String path, @Nullable String body) throws Exception {
    return golem.call(mine, method, path, body);
  }

  private String create(String root) throws Exception {
    Answer made = ask("POST", root, BLOCK);
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    return made.json().path("id").asText();
  }

  private PeerId provider(String name) throws Exception {
    // A provider that has joined; whether it is there now plays no part here.
    golem.hub.joinLocal(
        new Offer(
            name,
            "test",
            "linux",
            "amd64",
            new Resources(4000, 1 << 30, 1 << 30),
            List.of("mock"),
            List.of(),
            Map.of(),
            new Terms(List.of("mock"), false, false)));
    return golem.hub.nodes().getFirst().id();
  }

  @ParameterizedTest
  @ValueSource(strings = {V1, V2})
  void aNetworkIsMadeSeenAndRemoved(String root) throws Exception {
    Answer made = ask("POST", root, BLOCK);
    assertThat(made.status()).isEqualTo(200);
    JsonNode net = made.json();
    assertThat(net.path("ip").asText()).isEqualTo("192.168.7.0");
    assertThat(net.path("mask").asText()).isEqualTo("255.255.255.0");
    assertThat(net.has("gateway")).isFalse();
    String id = net.path("id").asText();
    // The same under both versions' paths.
    for (String path : List.of(V1, V2)) {
      assertThat(ask("GET", path + "/" + id, null).json()).isEqualTo(net);
      assertThat(ask("GET", path, null).json()).containsExactly(net);
    }
    assertThat(golem.hub.network(id).v4()).hasToString("192.168.7.0/24");
    assertThat(ask("DELETE", root + "/" + id, null).status()).isEqualTo(200);
    assertThat(ask("GET", root + "/" + id, null).status()).isEqualTo(404);
    assertThat(ask("GET", root, null).json()).isEmpty();
    assertThat(golem.hub.networks()).isEmpty();
  }

  @Test
  void aGatewayIsToldAgainAndHostBitsAreCut() throws Exception {
    Answer made =
        ask(
            "POST",
            V1,
            "{\"id\":\"\",\"ip\":\"10.9.8.7\",\"mask\":\"255.255.0.0\",\"gateway\":\"10.9.0.1\"}");
    assertThat(made.json().path("ip").asText()).isEqualTo("10.9.0.0");
    assertThat(made.json().path("mask").asText()).isEqualTo("255.255.0.0");
    assertThat(made.json().path("gateway").asText()).isEqualTo("10.9.0.1");
    golem.restart();
    assertThat(ask("GET", V1, null).json()).containsExactly(made.json());
  }

  @Test
  void theCallerHasAnIdAndAddressesAndTheyLastOverARestart() throws Exception {
    String me = ask("GET", "/me", null).json().path("identity").asText();
    assertThat(me).matches("0x[0-9a-f]{40}");
    assertThat(golem.call(other, "GET", "/me", null).json().path("identity").asText())
        .matches("0x[0-9a-f]{40}")
        .isNotEqualTo(me);
    String net = V1 + "/" + create(V1);
    // As Golem's own client does: itself at the first address, which is the network's own here.
    assertThat(ask("POST", net + "/nodes", node(me, "192.168.7.1")).status()).isEqualTo(200);
    assertThat(ask("POST", net + "/nodes", node(me, "192.168.7.1")).status()).isEqualTo(200);
    assertThat(ask("POST", net + "/addresses", "{\"ip\":\"192.168.7.9/24\"}").status())
        .isEqualTo(200);
    golem.restart();
    assertThat(ask("GET", "/me", null).json().path("identity").asText()).isEqualTo(me);
    assertThat(ask("GET", net + "/nodes", null).text())
        .isEqualTo("[" + node(me, "192.168.7.1") + "]");
    assertThat(ask("GET", net + "/addresses", null).text()).isEqualTo("[{\"ip\":\"192.168.7.9\"}]");
    MemberView seat = golem.hub.members(net.substring(net.lastIndexOf('/') + 1)).getFirst();
    assertThat(seat.kind()).isEqualTo("GATE");
    assertThat(seat.present()).as("packets for it come to the hub").isTrue();
    assertThat(ask("DELETE", net + "/addresses/192.168.7.9", null).status()).isEqualTo(200);
    assertThat(ask("DELETE", net + "/addresses/192.168.7.9", null).status()).isEqualTo(404);
    assertThat(ask("DELETE", net + "/nodes/" + me, null).status()).isEqualTo(200);
    assertThat(ask("GET", net + "/nodes", null).text()).isEqualTo("[]");
  }

  @Test
  void aNodeIsAPeerIdOrItsStableAddress() throws Exception {
    PeerId ada = provider("ada");
    String id = create(V1);
    String net = V2 + "/" + id;
    assertThat(ask("POST", net + "/nodes", node(ada.text(), "192.168.7.2")).status())
        .isEqualTo(200);
    String hex = ask("GET", net + "/nodes", null).json().path(0).path("id").asText();
    assertThat(hex).matches("0x[0-9a-f]{40}");
    assertThat(ask("POST", net + "/nodes", node(hex, "192.168.7.2")).status()).isEqualTo(200);
    assertThat(ask("POST", net + "/nodes", node(hex, "192.168.7.3")).status()).isEqualTo(409);
    golem.restart();
    assertThat(ask("GET", net + "/nodes", null).json().path(0).path("id").asText()).isEqualTo(hex);
    assertThat(golem.hub.members(id))
        .singleElement()
        .satisfies(
            seat -> {
              assertThat(seat.kind()).isEqualTo("RESERVED");
              assertThat(seat.present()).isFalse();
              assertThat(seat.host()).startsWith("node-192-168-7-2.");
            });
    assertThat(ask("DELETE", net + "/nodes/" + ada.text(), null).status()).isEqualTo(200);
    assertThat(golem.hub.members(id)).isEmpty();
  }

  @Test
  void whatIsTakenUnknownOrAnothersIsRefusedInGolemsWords() throws Exception {
    PeerId ada = provider("ada");
    String id = create(V1);
    String me = ask("GET", "/me", null).json().path("identity").asText();
    for (String root : List.of(V1, V2)) {
      String net = root + "/" + id;
      assertRefused(golem.call(null, "GET", net, null), 401);
      assertRefused(golem.call("wrong", "POST", net + "/nodes", "{}"), 401);
      assertRefused(golem.call(other, "GET", net, null), 403);
      assertRefused(golem.call(other, "DELETE", net, null), 403);
      assertRefused(golem.call(other, "GET", net + "/addresses", null), 403);
      assertRefused(golem.call(other, "POST", net + "/nodes", node(me, "192.168.7.5")), 403);
      assertThat(golem.call(other, "GET", root, null).text()).isEqualTo("[]");
      assertRefused(ask("GET", root + "/n000000000000", null), 404);
      assertRefused(ask("DELETE", root + "/n000000000000/nodes/" + me, null), 404);
      assertRefused(ask("POST", net + "/nodes", node("0x" + "0".repeat(40), "192.168.7.5")), 404);
      assertRefused(
          ask("POST", net + "/nodes", node(Identity.generate().id().text(), "192.168.7.5")), 404);
      assertRefused(ask("DELETE", net + "/nodes/" + ada.text(), null), 404);
      assertRefused(ask("POST", root, BLOCK), 409);
    }
    String net = V1 + "/" + id;
    assertThat(ask("POST", net + "/addresses", "{\"ip\":\"192.168.7.2\"}").status()).isEqualTo(200);
    assertRefused(ask("POST", net + "/nodes", node(ada.text(), "192.168.7.2")), 409);
    assertRefused(ask("POST", net + "/nodes", node(ada.text(), "192.168.8.2")), 400);
    assertRefused(ask("POST", net + "/nodes", node(ada.text(), "192.168.7.255")), 400);
    assertRefused(ask("POST", net + "/nodes", node(ada.text(), "192.168.7.1")), 400);
    assertRefused(ask("POST", net + "/nodes", node("ada", "192.168.7.3")), 400);
    assertRefused(ask("POST", net + "/nodes", "{\"id\":\"" + ada + "\"}"), 400);
    // Another key is a node of the networks of its own, and nobody else's.
    String them = golem.call(other, "GET", "/me", null).json().path("identity").asText();
    assertRefused(ask("POST", net + "/nodes", node(them, "192.168.7.3")), 403);
    // Two keys may have the same block.
    assertThat(golem.call(other, "POST", V1, BLOCK).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"ip\":\"192.168.7.0\",\"mask\":\"255.0.255.0\"}",
        "{\"ip\":\"192.168.7.0\",\"mask\":\"255.255.255.255\"}",
        "{\"ip\":\"8.8.8.0\",\"mask\":\"255.255.255.0\"}",
        "{\"ip\":\"192.168.7.0\",\"mask\":\"0.0.0.0\"}",
        "{\"ip\":\"fd00::\",\"mask\":\"255.255.255.0\"}",
        "{\"ip\":\"192.168.7.0/x\"}",
        "{\"ip\":7,\"mask\":\"255.255.255.0\"}",
        "{\"mask\":\"255.255.255.0\"}",
        "{\"ip\":\"10.0.0.0\",\"mask\":\"255.255.255.0\",\"gateway\":\"x\"}",
        "[]",
        "",
        "{"
      })
  void aNetworkThatCannotBeIsRefused(String body) throws Exception {
    assertRefused(ask("POST", V1, body), 400);
    assertThat(golem.hub.networks()).isEmpty();
  }

  @Test
  void whateverIsSentIsAnsweredAndNeverAFailure() throws Exception {
    Random random = Fuzz.random("GolemNetApiTest");
    String net = V1 + "/" + create(V1);
    List<String> good =
        List.of(BLOCK, node("0x" + "1".repeat(40), "192.168.7.2"), "{\"ip\":\"192.168.7.3\"}");
    List<String> paths = List.of(V1, net + "/nodes", net + "/addresses");
    for (int i = Fuzz.rounds(300); i > 0; i--) {
      byte[] body = good.get(random.nextInt(good.size())).getBytes(StandardCharsets.UTF_8);
      for (int hits = random.nextInt(4); hits >= 0; hits--) {
        body[random.nextInt(body.length)] = (byte) random.nextInt(256);
      }
      String path = paths.get(random.nextInt(paths.size()));
      Answer answer = golem.call(mine, "POST", path, body, false);
      assertThat(answer.status())
          .as("%s", new String(body, StandardCharsets.UTF_8))
          .isLessThan(500);
    }
  }

  private static void assertRefused(Answer answer, int status) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.message()).as(answer.text()).isNotBlank();
  }

  private static String node(String id, String ip) {
    return Json.write(Map.of("id", id, "ip", ip));
  }
}
