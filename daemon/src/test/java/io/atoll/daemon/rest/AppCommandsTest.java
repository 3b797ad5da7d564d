package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.request.AccessMapping;
import io.atoll.client.request.AppProof;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Apps with keys of their own, over HTTP and by the commands.
class AppCommandsTest {
  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  private Result as(Path keyFile, String... arguments) {
    return cli.run(
        Map.of(
            "ATOLL_HUB", cli.served.server.uri().toString(), "ATOLL_KEY_FILE", keyFile.toString()),
        arguments);
  }

  @Test
  void anAppIsMadeUsedAndRevoked() throws Exception {
    Path key = cli.folder.resolve("ci.key");
    Result made = cli.run("app", "create", "ci", "--key-file", key.toString());
    assertThat(made.status()).as(made.err()).isZero();
    String id = made.out().strip();
    assertThat(made.err()).contains("ATOLL_KEY_FILE=" + key);
    assertThat(Files.readAllBytes(key)).isNotEmpty();
    assertThat(cli.run("app", "list").out()).contains(id, "ci", "ed25519:", "secret");

    Result used = as(key, "task", "list");
    assertThat(used.status()).as(used.err()).isZero();
    assertThat(cli.run("app", "create", "again", "--key-file", key.toString()).status())
        .isEqualTo(5);
    assertThat(cli.run("app", "revoke", id).status()).isZero();
    Result after = as(key, "task", "list");
    assertThat(after.status()).isEqualTo(4);
    assertThat(after.err()).contains("revoked").doesNotContain("Exception");

    assertThat(as(cli.folder.resolve("none.key"), "task", "list").status()).isEqualTo(3);
    String text = Json.mapper().readTree(cli.run("app", "list", "-o", "json").out()).toString();
    assertThat(text).contains("publicKey");
    assertThat(cli.run("app", "create", "x", "--public-key", "ed25519:short").status())
        .isEqualTo(2);
  }

  @Test
  void tokensServeUntilTheirAppIsRevoked() throws Exception {
    Identity app = Identity.generate();
    String publicKey = AccessMapping.publicKeyText(app.publicKey().data());
    String named = "{\"name\":\"ci\",\"publicKey\":\"" + publicKey + "\"}";
    Answer created = cli.served.post("/api/v1/apps", named);
    assertThat(created.status()).isEqualTo(201);
    String id = created.json().get("id").asText();

    String body = proof(app, publicKey);
    Answer token = open("/api/v1/auth/token", body);
    assertThat(token.status()).as(token.text()).isEqualTo(201);
    assertThat(token.json().get("app").asText()).isEqualTo(id);
    String bearer = "Bearer " + token.json().get("token").asText();
    assertThat(tasks(bearer).status()).isEqualTo(200);

    assertThat(open("/api/v1/auth/token", body).code()).isEqualTo("UNAUTHENTICATED");
    assertThat(cli.hub.audit.told().getLast()).endsWith("POST /api/v1/auth/token  UNAUTHENTICATED");
    String before = proof(app, publicKey);
    assertThat(cli.served.call("DELETE", "/api/v1/apps/keys/" + id, null).status()).isEqualTo(204);
    assertThat(tasks(bearer).code()).isEqualTo("UNAUTHENTICATED");
    assertThat(open("/api/v1/auth/token", before).code()).isEqualTo("UNAUTHENTICATED");
    // The owner's key goes on as before.
    assertThat(cli.served.get("/api/v1/tasks").status()).isEqualTo(200);
  }

  @Test
  @Timeout(60)
  void theOpenStreamsOfARevokedAppEndAndNoOthers() throws Exception {
    Identity app = Identity.generate();
    String publicKey = AccessMapping.publicKeyText(app.publicKey().data());
    Answer created = cli.served.post("/api/v1/apps", "{\"publicKey\":\"" + publicKey + "\"}");
    String id = created.json().get("id").asText();
    Answer token = open("/api/v1/auth/token", proof(app, publicKey));
    String bearer = "Bearer " + token.json().get("token").asText();
    try (InputStream its = cli.served.streamAs(bearer, "/api/v1/events");
        InputStream owners = cli.served.stream("/api/v1/events")) {
      cli.served.post("/api/v1/tasks", "{\"command\":[\"/bin/true\"]}");
      assertThat(readsUntil(its, "task.")).isTrue();
      assertThat(readsUntil(owners, "task.")).isTrue();
      cli.served.call("DELETE", "/api/v1/apps/keys/" + id, null);
      assertThat(readsUntil(its, "never said")).isFalse();
      Answer later = cli.served.post("/api/v1/tasks", "{\"command\":[\"/bin/true\"]}");
      assertThat(readsUntil(owners, later.json().get("id").asText())).isTrue();
    }
  }

  /// Whether a text comes before the stream ends, or breaks off.
  private static boolean readsUntil(InputStream in, String text) {
    StringBuilder read = new StringBuilder();
    try {
      for (int b = in.read(); b >= 0; b = in.read()) {
        read.append((char) b);
        if (read.indexOf(text) >= 0) {
          return true;
        }
      }
    } catch (IOException e) {
      // broken off
    }
    return false;
  }

  private String proof(Identity app, String publicKey) throws Exception {
    Answer answer = open("/api/v1/auth/challenge", "{\"publicKey\":\"" + publicKey + "\"}");
    assertThat(answer.status()).isEqualTo(201);
    JsonNode challenge = answer.json();
    String text = challenge.get("challenge").asText();
    byte[] signature =
        app.sign(
            AppProof.bytes(
                new PeerId(challenge.get("hub").asText()),
                text,
                Instant.parse(challenge.get("expiresAt").asText())));
    return Json.write(
        Map.of(
            "publicKey",
            publicKey,
            "challenge",
            text,
            "signature",
            Base64.getEncoder().encodeToString(signature)));
  }

  private Answer open(String path, String body) throws Exception {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return cli.served.send(cli.served.bare("POST", path, bytes).build());
  }

  private Answer tasks(String bearer) throws Exception {
    return cli.served.send(
        cli.served.bare("GET", "/api/v1/tasks", null).header("Authorization", bearer).build());
  }
}
