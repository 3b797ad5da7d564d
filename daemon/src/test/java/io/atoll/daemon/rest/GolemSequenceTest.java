package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.InviteView;
import io.atoll.client.api.MemberView;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.identity.Identity;
import io.atoll.core.json.Json;
import io.atoll.core.term.Invite;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.Resources;
import io.atoll.daemon.journal.FileJournal;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.provider.Provider;
import io.atoll.daemon.provider.machine.ProviderConfig;
import io.atoll.daemon.rest.GolemHub.Answer;
import io.atoll.market.agreement.Networking;
import io.atoll.market.agreement.Terms;
import io.atoll.market.payment.Payments;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.LoopbackHost;
import io.atoll.p2p.host.P2p;
import io.atoll.runtime.driver.NetworkCard;
import io.atoll.runtime.driver.mock.MockMachine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The predecessor's sequence, every step by REST, with hub and provider over the wire; the payload
/// alone is played.
@Timeout(120)
class GolemSequenceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String NET = "/net-api/v1/net";
  private static final String MARKET = "/market-api/v1";
  private static final String ACTIVITY = "/activity-api/v1/activity";

  @TempDir Path temp;
  private GolemHub golem;
  private String key;
  private Host host;
  private NetworkDesk desk;
  private EnteredMock driver;
  private Provider provider;

  @BeforeEach
  void start() throws Exception {
    golem = new GolemHub(temp);
    key = golem.hub.createKey("mine");
    Path data = Files.createDirectories(temp.resolve("p"));
    Identity identity = Identity.generate();
    host = new LoopbackHost(P2p.start(HostConfig.of(identity, List.of())));
    desk = NetworkDesk.open(data.resolve("networks"), identity, host, 0, false);
    driver = new EnteredMock(new MockMachine(), data);
    provider =
        new Provider(
                host,
                FileJournal.open(data),
                Map.of("mock", driver),
                new ProviderConfig(
                    "ada",
                    "test",
                    "linux",
                    "amd64",
                    new Resources(4000, 2L << 30, 8L << 30),
                    List.of("mock"),
                    List.of(),
                    Map.of(),
                    "boot-1",
                    List.of(),
                    new Networking(List.of("mock"), List.of(), false)),
                new Terms(List.of("mock"), false, false),
                Files.createDirectories(data.resolve("runs")),
                Payments.none(),
                desk)
            .start();
    provider.join(
        Invite.parse(
            golem.hub.createInvite(InviteView.Role.PROVIDER, Duration.ofHours(1)).invite()));
    online();
  }

  private void online() {
    await()
        .atMost(PATIENCE)
        .until(() -> golem.hub.nodes().stream().anyMatch(n -> n.state().equals("ONLINE")));
  }

  @AfterEach
  void stop() {
    provider.close();
    desk.close();
    host.close();
    golem.close();
  }

  private Answer ask(String method, String path, @Nullable String body) throws Exception {
    return golem.call(key, method, path, body);
  }

  private Answer done(String method, String path, @Nullable String body) throws Exception {
    Answer answer = ask(method, path, body);
    assertThat(answer.status()).as("%s %s: %s", method, path, answer.text()).isBetween(200, 204);
    return answer;
  }

  private static String json(Object... pairs) {
    Map<String, Object> fields = new java.util.TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      fields.put((String) pairs[i], pairs[i + 1]);
    }
    return Json.write(fields);
  }

  private String network() throws Exception {
    return done("POST", NET, json("ip", "192.168.7.0", "mask", "255.255.255.0"))
        .json()
        .path("id")
        .asText();
  }

  /// By a demand, a proposal, a counter-proposal and its answer.
  private String agreement() throws Exception {
    String demand =
        done(
                "POST",
                MARKET + "/demands",
                json(
                    "properties",
                    Map.of("golem.srv.comp.expiration", 1),
                    "constraints",
                    "(&(golem.runtime.name=mock)\n\t(golem.runtime.capabilities=vpn)"
                        + "(golem.inf.mem.gib>=0.5)(golem.com.pricing.model=linear))"))
            .word();
    String at = MARKET + "/demands/" + demand;
    JsonNode first = done("GET", at + "/events?timeout=5&maxEvents=10", null).json().path(0);
    assertThat(first.path("proposal").path("state").asText()).isEqualTo("Initial");
    String own =
        done(
                "POST",
                at + "/proposals/" + first.path("proposal").path("proposalId").asText(),
                json("properties", Map.of(), "constraints", "(&)"))
            .word();
    JsonNode draft = done("GET", at + "/events?timeout=5", null).json().path(0).path("proposal");
    assertThat(draft.path("prevProposalId").asText()).isEqualTo(own);
    assertThat(done("GET", at + "/events?timeout=0", null).json()).isEmpty();
    String id =
        done(
                "POST",
                MARKET + "/agreements",
                json(
                    "proposalId",
                    draft.path("proposalId").asText(),
                    "validTo",
                    "2100-01-01T00:00:00Z"))
            .word();
    String agreement = MARKET + "/agreements/" + id;
    assertThat(ask("POST", agreement + "/wait?timeout=0.1", null).status()).isEqualTo(408);
    done("POST", agreement + "/confirm?appSessionId=abc", null);
    done("POST", agreement + "/wait?timeout=60", null);
    JsonNode told = done("GET", agreement, null).json();
    assertThat(told.path("state").asText()).isEqualTo("Approved");
    assertThat(told.path("demand").path("demandId").asText()).isEqualTo(demand);
    done("DELETE", at, null);
    assertThat(ask("GET", at + "/events?timeout=0", null).status()).isEqualTo(404);
    return id;
  }

  private String providerOf(String agreement) throws Exception {
    return done("GET", MARKET + "/agreements/" + agreement, null)
        .json()
        .path("offer")
        .path("providerId")
        .asText();
  }

  private String activity(String agreement) throws Exception {
    String id =
        done("POST", ACTIVITY + "?timeout=5", json("agreementId", agreement))
            .json()
            .path("activityId")
            .asText();
    assertState(id, "Initialized");
    assertThat(done("GET", ACTIVITY + "/" + id + "/agreement", null).word()).isEqualTo(agreement);
    return id;
  }

  private void assertState(String activity, String state) throws Exception {
    assertThat(
            done("GET", ACTIVITY + "/" + activity + "/state", null)
                .json()
                .path("state")
                .path(0)
                .asText())
        .isEqualTo(state);
  }

  /// All results of a batch.
  private JsonNode batch(String activity, String commands) throws Exception {
    String at = ACTIVITY + "/" + activity + "/exec";
    String id = done("POST", at, json("text", commands)).word();
    JsonNode results = Json.mapper().createArrayNode();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!results.path(results.size() - 1).path("isBatchFinished").asBoolean()) {
      assertThat(System.nanoTime() - deadline).as("%s: %s", commands, results).isNegative();
      results = done("GET", at + "/" + id + "?timeout=5", null).json();
    }
    return results;
  }

  private static String deploy(String net, String ip) {
    return Json.write(
        List.of(
            Map.of(
                "deploy",
                Map.of(
                    "net",
                    List.of(
                        Map.of(
                            "id",
                            net,
                            "ip",
                            "192.168.7.0",
                            "mask",
                            "255.255.255.0",
                            "nodes",
                            Map.of(),
                            "nodeIp",
                            ip)))),
            Map.of("start", Map.of("args", List.of("run_for=1H")))));
  }

  private static String run(String... words) {
    List<String> all = List.of(words);
    return Json.write(
        List.of(
            Map.of(
                "run", Map.of("entry_point", all.getFirst(), "args", all.subList(1, all.size())))));
  }

  @Test
  void everyStepByRestAndInTheEndEverythingIsFree() throws Exception {
    String net = network();
    String me = done("GET", "/me", null).json().path("identity").asText();
    done("POST", NET + "/" + net + "/nodes", json("id", me, "ip", "192.168.7.1"));
    String agreement = agreement();
    String node = providerOf(agreement);
    assertThat(node).isNotEqualTo(me).matches("0x[0-9a-f]{40}");
    done("POST", NET + "/" + net + "/nodes", json("id", node, "ip", "192.168.7.2"));
    String activity = activity(agreement);

    JsonNode deployed = batch(activity, deploy(net, "192.168.7.2"));
    assertThat(deployed).as(deployed.toString()).hasSize(2);
    assertThat(deployed.findValuesAsText("result")).containsExactly("Ok", "Ok");
    assertState(activity, "Ready");
    // It is where the configuration says, in fact and not only by name.
    NetworkCard card = driver.cards.values().iterator().next().getFirst();
    assertThat(card.v4()).hasToString("192.168.7.2");
    assertThat(card.network()).isEqualTo(new NetworkId(net));
    await().atMost(PATIENCE).until(() -> desk.nodes().network(new NetworkId(net)) != null);
    MemberView seat = golem.hub.members(net).getFirst();
    assertThat(seat.present()).isTrue();
    assertThat(seat.id()).isEqualTo(node);

    JsonNode ran = batch(activity, run("echo", "hello", "there"));
    assertThat(ran.path(0).path("stdout").asText()).isEqualTo("echo hello there");
    JsonNode wrong = batch(activity, run("false", "exit=3"));
    assertThat(wrong.path(0).path("result").asText()).isEqualTo("Error");
    assertThat(wrong.path(0).path("message").asText()).contains("code 3");

    // While it runs: its node is taken out of the network, then the network is removed.
    TaskView task = golem.hub.tasks(false, null, 10).getFirst();
    done("DELETE", NET + "/" + net + "/nodes/" + node, null);
    await().atMost(PATIENCE).until(() -> desk.nodes().network(new NetworkId(net)) == null);
    assertThat(golem.hub.task(task.id().text()).state()).isEqualTo(TaskState.RUNNING);
    done("DELETE", NET + "/" + net, null);
    assertThat(golem.hub.networks()).isEmpty();
    assertThat(ask("GET", NET + "/" + net, null).status()).isEqualTo(404);

    done("DELETE", ACTIVITY + "/" + activity + "?timeout=30", null);
    assertState(activity, "Terminated");
    done("POST", MARKET + "/agreements/" + agreement + "/terminate", json("message", "Finished"));
    assertThat(ask("POST", MARKET + "/agreements/" + agreement + "/terminate", null).status())
        .isEqualTo(410);
    assertThat(golem.hub.tasks(false, null, 10)).isEmpty();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              var there = golem.hub.nodes().getFirst();
              return there.free().equals(there.total());
            });
    // Nothing is left that a new network of the same addresses would meet.
    String again = network();
    assertThat(golem.hub.members(again)).isEmpty();
  }

  @Test
  void aSeatThatWasKeptIsThereForTheNextActivityAfterARestart() throws Exception {
    String net = network();
    String agreement = agreement();
    String node = providerOf(agreement);
    done("POST", NET + "/" + net + "/nodes", json("id", node, "ip", "192.168.7.9"));
    String first = activity(agreement);
    assertThat(batch(first, deploy(net, "192.168.7.9")).findValuesAsText("result"))
        .containsExactly("Ok", "Ok");
    golem.restart();
    online();
    assertState(first, "Ready");
    assertThat(providerOf(agreement)).isEqualTo(node);
    // Taken: a second one has to wait for the end of the first.
    String second = activity(agreement);
    JsonNode refused = batch(second, deploy(net, "192.168.7.9"));
    assertThat(refused.path(1).path("result").asText()).isEqualTo("Error");
    done("DELETE", ACTIVITY + "/" + first + "?timeout=30", null);
    JsonNode now = batch(second, deploy(net, "192.168.7.9"));
    assertThat(now.findValuesAsText("result")).as(now.toString()).containsExactly("Ok", "Ok");
    // The agreement's end is that of its activities.
    done("POST", MARKET + "/agreements/" + agreement + "/terminate", json());
    await().atMost(PATIENCE).until(() -> golem.hub.tasks(false, null, 10).isEmpty());
    assertThat(ask("POST", ACTIVITY, json("agreementId", agreement)).status()).isEqualTo(410);
    assertThat(golem.hub.members(net))
        .as("the address is kept until its node is removed")
        .singleElement()
        .satisfies(seat -> assertThat(seat.present()).isFalse());
  }

  @Test
  void oneNodeHasAnIdInEachAgreementAndIsInANetworkTwice() throws Exception {
    String net = network();
    String one = agreement();
    String two = agreement();
    assertThat(providerOf(one)).isNotEqualTo(providerOf(two));
    done("POST", NET + "/" + net + "/nodes", json("id", providerOf(one), "ip", "192.168.7.2"));
    done("POST", NET + "/" + net + "/nodes", json("id", providerOf(two), "ip", "192.168.7.3"));
    assertThat(batch(activity(one), deploy(net, "192.168.7.2")).findValuesAsText("result"))
        .containsExactly("Ok", "Ok");
    assertThat(batch(activity(two), deploy(net, "192.168.7.3")).findValuesAsText("result"))
        .containsExactly("Ok", "Ok");
    assertThat(golem.hub.members(net)).allSatisfy(seat -> assertThat(seat.present()).isTrue());
  }

  @Test
  void whatCannotBeDoneIsSaidAndWhatIsAnothersIsNotTouched() throws Exception {
    String net = network();
    String agreement = agreement();
    String activity = activity(agreement);
    assertError(batch(activity, deploy(net, "192.168.7.2")), "is not in network");
    done(
        "POST", NET + "/" + net + "/nodes", json("id", providerOf(agreement), "ip", "192.168.7.4"));
    assertError(batch(activity, deploy(net, "192.168.7.2")), "192.168.7.4");
    assertError(batch(activity, "[{\"start\":{}}]"), "deploy first");
    assertError(batch(activity, run("echo", "hi")), "start it first");
    assertError(batch(activity, "[{\"transfer\":{\"from\":\"a\",\"to\":\"b\"}}]"), "not served");
    assertThat(batch(activity, "[{\"terminate\":{}}]").path(0).path("result").asText())
        .isEqualTo("Ok");
    String other = golem.hub.createKey("other");
    for (String path :
        List.of(
            MARKET + "/agreements/" + agreement,
            ACTIVITY + "/" + activity + "/state",
            ACTIVITY + "/" + activity + "/agreement")) {
      assertThat(golem.call(other, "GET", path, null).status()).as(path).isEqualTo(403);
      assertThat(golem.call(null, "GET", path, null).status()).as(path).isEqualTo(401);
      assertThat(ask("GET", path.replaceAll("[0-9a-f]{32}", "x"), null).status())
          .as(path)
          .isEqualTo(404);
    }
    assertThat(golem.call(other, "DELETE", ACTIVITY + "/" + activity, null).status())
        .isEqualTo(403);
    assertThat(ask("POST", ACTIVITY + "/" + activity + "/exec", json("text", "[{}]")).status())
        .isEqualTo(400);
    String theirs = golem.call(other, "GET", MARKET + "/agreements/x", null).message();
    assertThat(theirs).contains("no agreement");
  }

  private static void assertError(JsonNode results, String words) {
    JsonNode last = results.path(results.size() - 1);
    assertThat(last.path("result").asText()).as(results.toString()).isEqualTo("Error");
    assertThat(last.path("message").asText()).contains(words);
  }
}
