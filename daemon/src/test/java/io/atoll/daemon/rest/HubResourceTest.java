package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.core.term.Invite;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Joining, listing and leaving hubs, over HTTP and by the commands.
class HubResourceTest {
  private static final String INVITE =
      new Invite("i1", "s3cret", MemoryHub.NODE, List.of("/ip4/192.0.2.1/tcp/7464"), "").text();

  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  @Test
  void joinsListsAndLeaves() throws Exception {
    assertThat(cli.served.get("/api/v1/hubs").json().get("hubs")).isEmpty();
    Answer joined = cli.served.post("/api/v1/hubs", "{\"invite\":\"" + INVITE + "\"}");
    assertThat(joined.status()).isEqualTo(201);
    assertThat(joined.json().get("id").asText()).isEqualTo(MemoryHub.NODE.text());
    assertThat(joined.text()).doesNotContain("s3cret");
    assertThat(cli.served.get("/api/v1/hubs").json().get("hubs")).hasSize(1);
    String path = "/api/v1/hubs/" + MemoryHub.NODE;
    assertThat(cli.served.call("DELETE", path, null).status()).isEqualTo(204);
    assertThat(cli.served.call("DELETE", path, null).code()).isEqualTo("NOT_FOUND");
  }

  @Test
  void forWhomAMachineWorksSaysItsOwner() throws Exception {
    cli.served.peers.owner = false;
    String path = "/api/v1/hubs/" + MemoryHub.NODE;
    String invite = "{\"invite\":\"" + INVITE + "\"}";
    assertThat(cli.served.post("/api/v1/hubs", invite).code()).isEqualTo("DENIED");
    assertThat(cli.served.post(path + "/allow", "{}").code()).isEqualTo("DENIED");
    assertThat(cli.served.call("DELETE", path, null).code()).isEqualTo("DENIED");
    assertThat(cli.served.get("/api/v1/hubs").json().get("hubs")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|BAD_REQUEST",
        "{\"invite\":7}|BAD_REQUEST",
        "{\"invite\":\"x\",\"more\":1}|BAD_REQUEST",
        "not json|BAD_REQUEST",
        "{\"invite\":\"atoll-invite-\"}|INVITE_INVALID",
        "{\"invite\":\"atoll-invite-e30\"}|INVITE_INVALID",
        "{\"invite\":\"two words\"}|INVITE_INVALID"
      })
  void refusesWhatIsNoInvite(String body, String code) throws Exception {
    Answer answer = cli.served.post("/api/v1/hubs", body);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.json().get("hint").asText()).isNotEmpty();
  }

  @Test
  void theCommandsGoToTheDaemonOfThisMachine() throws Exception {
    // whatever hub is named for the other commands
    Map<String, String> elsewhere =
        Map.of(
            "ATOLL_DATA_DIR",
            cli.dataDir.toString(),
            "ATOLL_HUB",
            "http://127.0.0.1:1",
            "ATOLL_KEY",
            "another");
    Result joined = cli.run(elsewhere, "join", INVITE);
    assertThat(joined.status()).as(joined.err()).isZero();
    assertThat(joined.out()).isEqualTo(MemoryHub.NODE + "\n");
    assertThat(joined.err()).contains("process", "sandboxed tasks only");
    assertThat(cli.run(elsewhere, "hub", "list").out())
        .contains("CONNECTED", MemoryHub.NODE.text(), "connected");
    JsonNode listed = Json.mapper().readTree(cli.run("hub", "list", "-o", "json").out());
    assertThat(listed.get(0).get("connected").asBoolean()).isTrue();
    assertThat(cli.run("join", "-q", INVITE).err()).isEmpty();
    assertThat(cli.run("hub", "leave", MemoryHub.NODE.text()).status()).isZero();
    assertThat(cli.run("hub", "list", "-q").out()).isEmpty();
    assertThat(cli.run("hub", "leave", "nobody").status()).isEqualTo(3);
  }

  @Test
  void aHubIsJoinedByItsKeyWhereItAdmitsThisProvider() throws Exception {
    String id = MemoryHub.NODE.text();
    assertThat(cli.run("join", id).out()).isEqualTo(id + "\n");
    // Where it is known to be, or where it is said to be.
    assertThat(cli.served.get("/api/v1/hubs").text()).contains("192.0.2.7");
    assertThat(cli.run("join", "/ip4/192.0.2.8/tcp/1/p2p/" + id).status()).isZero();
    assertThat(cli.served.get("/api/v1/hubs").text()).contains("192.0.2.8");
    assertThat(cli.run("join", id, "--at", "/ip4/192.0.2.9/tcp/1").status()).isZero();
    assertThat(cli.served.get("/api/v1/hubs").text()).contains("192.0.2.9");
    assertThat(cli.run("join", INVITE, "--at", "/ip4/192.0.2.9/tcp/1").status()).isEqualTo(2);
    String both = "{\"invite\":\"" + INVITE + "\",\"hub\":\"" + id + "\"}";
    assertThat(cli.served.post("/api/v1/hubs", both).code()).isEqualTo("BAD_REQUEST");
    assertThat(cli.served.post("/api/v1/hubs", "{\"hub\":\"x\"}").code()).isEqualTo("BAD_REQUEST");
  }

  @Test
  void theOwnerAdmitsAProviderByItsPeerId() {
    String id = MemoryHub.NODE.text();
    Result made = cli.run("invite", "create", "--peer", id);
    assertThat(made.status()).as(made.err()).isZero();
    assertThat(Invite.parse(made.out()).secret()).isEmpty();
    assertThat(made.err()).contains(id + " alone");
    assertThat(cli.run("invite", "list").out()).contains(id);
    assertThat(cli.run("invite", "create", "--peer", "x").status()).isEqualTo(2);
    assertThat(cli.run("invite", "create", "--peer", id, "--role", "app").status()).isEqualTo(2);
  }

  @Test
  void saysWhatToDoWhereNoDaemonRuns() {
    Result result = cli.run(Map.of("ATOLL_DATA_DIR", "/nonexistent/atoll"), "join", INVITE);
    assertThat(result.status()).isEqualTo(8);
    assertThat(result.err())
        .contains("no daemon runs on this machine", "/nonexistent/atoll")
        .contains("atoll up --provider --join");
    cli.served.close();
    assertThat(cli.run("hub", "list").status()).isEqualTo(8);
    assertThat(cli.run("join", "atoll-invite-broken").status()).isEqualTo(4);
    assertThat(cli.run("join").status()).isEqualTo(2);
  }
}
