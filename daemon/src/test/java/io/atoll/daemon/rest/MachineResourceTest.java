package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.NodeView;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.json.Json;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What providers' machines are, over HTTP under both roots and by the command.
class MachineResourceTest {
  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
    cli.playCommands();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  private JsonNode get(String path) throws Exception {
    ServedHub.Answer answer = cli.served.get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private static JsonNode json(String text) throws Exception {
    return Json.mapper().readTree(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/nodes/", "/peers/"})
  void theShapesAreThoseThatWereAskedFor(String root) throws Exception {
    for (String node : List.of("reef", MemoryHub.NODE.text())) {
      String inf = root + node + "/inf";
      assertThat(get(inf + "/cpu"))
          .isEqualTo(json("{\"architecture\":\"x86\",\"bit\":[32,64],\"cores\":8,\"threads\":16}"));
      assertThat(get(inf + "/mem")).isEqualTo(json("{\"gib\":5.5,\"total\":15.523}"));
      assertThat(get(inf + "/storage")).isEqualTo(json("{\"gib\":42.125}"));
      assertThat(get(inf + "/os")).isEqualTo(json("{\"name\":\"Debian GNU/Linux 12 (bookworm)\"}"));
      JsonNode gpus = get(inf + "/gpu").get("gpus");
      assertThat(gpus).hasSize(2);
      assertThat(gpus.get(0).get("model").asText()).isEqualTo("Example");
      assertThat(gpus.get(1).has("model")).isFalse();
      assertThat(get(inf + "/usage").get("cpu").asDouble()).isEqualTo(0.375);
      assertThat(get(inf + "/tasks")).isEqualTo(json("{\"tasks\":[],\"others\":2}"));
      assertThat(get(inf).get("cpu")).isEqualTo(get(inf + "/cpu"));
      assertThat(get(inf).get("node").asText()).isEqualTo(MemoryHub.NODE.text());
    }
  }

  @ParameterizedTest
  @CsvSource({"UNREACHABLE, 503", "TIMEOUT, 504", "BAD_ANSWER, 502"})
  void whyANodeDoesNotSayIsTold(ErrorCode code, int status) throws Exception {
    cli.hub.machines.failure = code;
    List<String> paths = new ArrayList<>(List.of("/peers/reef/hardware"));
    List<String> parts = List.of("", "/cpu", "/mem", "/storage", "/os", "/gpu", "/usage", "/tasks");
    for (String root : List.of("/api/v1/nodes/reef/inf", "/peers/reef/inf")) {
      for (String part : parts) {
        paths.add(root + part);
      }
    }
    for (String path : paths) {
      ServedHub.Answer answer = cli.served.get(path);
      assertThat(answer.status()).as(path).isEqualTo(status);
      assertThat(answer.code()).as(path).isEqualTo(code.name());
      assertThat(answer.json().get("hint").asText()).isNotEmpty();
      assertThat(cli.served.get(path.replace("reef", "nobody")).code()).isEqualTo("NOT_FOUND");
    }
    Result refused = cli.run("node", "info", "reef");
    assertThat(refused.status()).isEqualTo(code.exitStatus());
    assertThat(refused.err()).contains("does not say", "hint:");
    assertThat(cli.run("node", "show", "reef").status()).isZero();
  }

  @Test
  void peersAreTheProvidersThatAreConnected() throws Exception {
    node("away", "LOST", 0, 4000);
    node("silent", "SUSPECT", 0, 4000);
    JsonNode peers = get("/peers");
    assertThat(peers.findValuesAsText("nodeName")).containsExactlyInAnyOrder("reef", "silent");
    JsonNode reef = peers.get(peers.get(0).get("nodeName").asText().equals("reef") ? 0 : 1);
    assertThat(reef)
        .isEqualTo(
            json(
                "{\"nodeId\":\""
                    + MemoryHub.NODE
                    + "\",\"nodeName\":\"reef\",\"peerAddr\":\"192.0.2.7:7464\","
                    + "\"tags\":[\"site=attic\"]}"));
    assertThat(get("/peers?limit=1")).hasSize(1);
    assertThat(get("/peers?offset=1").get(0)).isEqualTo(peers.get(1));
    assertThat(get("/peers?offset=2")).isEmpty();
    assertThat(cli.served.get("/peers?limit=0").code()).isEqualTo("BAD_REQUEST");
    assertThat(cli.served.get("/peers?unused=perhaps").code()).isEqualTo("BAD_REQUEST");
    assertThat(cli.served.get("/peers?unusd=true").code()).isEqualTo("BAD_REQUEST");
    assertThat(get("/peers/away").get("state").asText()).isEqualTo("LOST");
    assertThat(cli.served.get("/peers/nobody").status()).isEqualTo(404);
  }

  @Test
  void unusedTakesOnlyIdleOnes() throws Exception {
    node("busy", "ONLINE", 1, 4000);
    node("of-another-hub", "ONLINE", 0, 3000);
    node("silent", "SUSPECT", 0, 4000);
    node("idle", "ONLINE", 0, 4000);
    assertThat(get("/peers?unused=true").findValuesAsText("nodeName"))
        .containsExactlyInAnyOrder("reef", "idle");
    assertThat(get("/peers?unused=false")).hasSize(5);
    assertThat(get("/peers?unused")).hasSize(2);
  }

  private void node(String name, String state, int runs, long freeMillis) {
    Resources total = new Resources(4000, 8L << 30, 100L << 30);
    cli.hub.put(
        new NodeView(
            Identity.generate().id(),
            name,
            state,
            "0.1.0",
            "linux",
            "amd64",
            total,
            new Resources(freeMillis, 8L << 30, 100L << 30),
            List.of("process"),
            List.of(),
            runs,
            null,
            Instant.EPOCH,
            Instant.EPOCH));
  }

  @Test
  void tasksAreDeploymentsInTheWordsOfGolemUnlimited() throws Exception {
    cli.run("run", "-d", "--name", "svc", "--", "play");
    TaskId id = cli.hub.only();
    JsonNode details = get("/peers/reef");
    assertThat(details.get("nodeId").asText()).isEqualTo(MemoryHub.NODE.text());
    JsonNode session = details.get("sessions").get(0);
    assertThat(session.get("id").asText()).isEqualTo(id.text());
    assertThat(session.get("name").asText()).isEqualTo("svc");
    assertThat(session.get("status").asText()).isEqualTo("running");
    assertThat(session.get("tags").get(0).asText()).isEqualTo("process");
    assertThat(session.get("processes")).hasSize(1);
    cli.run("suspend", "svc");
    assertThat(get("/peers/reef").get("sessions").get(0).get("status").asText())
        .isEqualTo("configured");
    assertThat(get("/peers/reef/inf/tasks").get("tasks").get(0).get("name").asText())
        .isEqualTo("svc");
    cli.hub.exit(id, 0, null);
    assertThat(get("/peers/reef").get("sessions")).isEmpty();
  }

  @Test
  void hardwareHasGolemUnlimitedsUnits() throws Exception {
    assertThat(get("/peers/reef/hardware"))
        .isEqualTo(
            json(
                "{\"gpu\":{\"amd\":0,\"intel\":0,\"nvidia\":1,\"other\":1},"
                    + "\"ram\":{\"free\":6291456,\"used\":10485760,\"total\":16777216},"
                    + "\"disk\":{\"available\":400,\"total\":1000,\"disk_type\":\"SSD\"},"
                    + "\"os\":\"Linux\",\"hostname\":\"reef.example\",\"num_cores\":8}"));
  }

  @Test
  void theCommandPrintsAllOfIt() throws Exception {
    cli.run("run", "-d", "--name", "svc", "--", "play");
    Result printed = cli.run("node", "info", "reef");
    assertThat(printed.status()).as(printed.err()).isZero();
    assertThat(printed.out())
        .contains("processor      Example CPU, x86 32 and 64 bit, 8 cores, 16 threads\n")
        .contains("memory         5.50 GiB free for tasks, of 15.52 GiB\n")
        .contains("disk           42.13 GiB free for tasks (SSD)\n")
        .contains("system         Debian GNU/Linux 12 (bookworm) (Linux 6.1.0)\n")
        .contains("graphics       nvidia Example, 24.00 GiB, driver nvidia, at 0000:01:00.0\n")
        .contains("graphics       qemu 1111, at 0000:00:01.0\n")
        .contains("busy           38 % of the processors, 10.00 of 16.00 GiB memory")
        .contains("load           0.50 0.25 0.13\n")
        .contains("up             1d2h3m4s\n")
        .contains("tasks          1 and 2 of other hubs\n")
        .contains("svc RUNNING (process, 0.5 cores, 256Mi memory)\n");
    JsonNode read = json(cli.run("node", "info", "reef", "-o", "json").out());
    assertThat(read.get("machine").get("cpu").get("cores").asInt()).isEqualTo(8);
    assertThat(read.get("usage").get("load")).hasSize(3);
    assertThat(read.get("tasks").get("others").asInt()).isEqualTo(2);
    assertThat(cli.run("node", "info", "-q", "reef").out()).isEqualTo(MemoryHub.NODE + "\n");
    assertThat(cli.run("node", "info", "nobody").status()).isEqualTo(3);
    assertThat(cli.run("node", "info").status()).isEqualTo(2);
  }
}
