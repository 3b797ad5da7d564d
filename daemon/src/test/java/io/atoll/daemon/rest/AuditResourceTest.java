package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.audit.AuditCheck;
import io.atoll.core.json.Json;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The record, over HTTP and by the commands.
class AuditResourceTest {
  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  private List<String> told() {
    return cli.hub.audit.told();
  }

  @Test
  void refusalsAreToldWithWhoAndWhat() throws Exception {
    var stranger = cli.served.bare("GET", "/api/v1/tasks/t1", null).build();
    assertThat(cli.served.send(stranger).status()).isEqualTo(401);
    var wrong =
        cli.served
            .bare("DELETE", "/api/v1/apps/keys/k9", null)
            .header("Authorization", "Bearer wrong")
            .build();
    assertThat(cli.served.send(wrong).status()).isEqualTo(401);
    cli.served.peers.owner = false;
    assertThat(cli.served.get("/api/v1/audit").code()).isEqualTo("DENIED");
    assertThat(cli.served.get("/api/v1/audit/export").code()).isEqualTo("DENIED");
    assertThat(cli.served.get("/api/v1/audit/end").code()).isEqualTo("DENIED");
    assertThat(told())
        .containsExactly(
            "address 127.0.0.1 GET /api/v1/tasks/{task} t1 UNAUTHENTICATED",
            "address 127.0.0.1 DELETE /api/v1/apps/keys/{key} k9 UNAUTHENTICATED",
            "key k1 GET /api/v1/audit  DENIED",
            "key k1 GET /api/v1/audit/export  DENIED",
            "key k1 GET /api/v1/audit/end  DENIED");
  }

  @Test
  void whatIsWrongInAnotherWayIsNoRefusal() throws Exception {
    assertThat(cli.served.get("/api/v1/tasks/none").status()).isEqualTo(404);
    assertThat(cli.served.post("/api/v1/tasks", "{").status()).isEqualTo(400);
    assertThat(cli.served.get("/nowhere").status()).isEqualTo(404);
    assertThat(told()).isEmpty();
  }

  @Test
  void whatHappensElsewhereIsToldBeforeItBegins() throws Exception {
    assertThat(cli.served.get("/api/v1/backup").status()).isEqualTo(200);
    var answer = cli.served.post("/api/v1/p2p/dht/value", "{\"key\":\"/atoll/x\"}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(told()).containsExactly("key k1 GET /api/v1/backup  BEGUN");
  }

  @Test
  void theCommandsListAndExport() throws Exception {
    for (int i = 1; i <= 1203; i++) {
      cli.hub.audit.tell("task.stop", "t" + i, "OK");
    }
    Result list = cli.run("audit", "list");
    assertThat(list.status()).as(list.err()).isZero();
    assertThat(list.out()).contains("task.stop", "t1203", "t1154").doesNotContain("t1153");
    Result entries = cli.run("audit", "list", "--after", "0", "-o", "json");
    JsonNode all = Json.mapper().readTree(entries.out());
    assertThat(all).hasSize(1203);
    assertThat(all.get(0).get("who").asText()).isEqualTo("hub");
    assertThat(cli.run("audit", "list", "--last", "2", "-q").out()).isEqualTo("1202\n1203\n");
    assertThat(cli.run("audit", "list", "--last", "0").status()).isEqualTo(2);

    Path file = cli.folder.resolve("record.jsonl");
    Result export = cli.run("audit", "export", file.toString());
    assertThat(export.status()).as(export.err()).isZero();
    AuditCheck check = new AuditCheck();
    assertThat(check.file(new ByteArrayInputStream(Files.readAllBytes(file)))).isNotNull();
    assertThat(check.result())
        .isInstanceOfSatisfying(
            AuditCheck.Result.Whole.class, whole -> assertThat(whole.end().seq()).isEqualTo(1203));
    assertThat(cli.run("audit", "export", file.toString()).status()).isEqualTo(5);
    assertThat(cli.run("audit", "export", "--force", file.toString()).status()).isZero();
    assertThat(Json.mapper().readTree(cli.run("audit", "end").out()).get("seq").asLong())
        .isEqualTo(1203);
    assertThat(cli.run("audit").status()).isEqualTo(2);
  }
}
