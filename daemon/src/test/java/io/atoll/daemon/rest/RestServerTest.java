package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.api.TaskView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestServerTest {
  private static final String TRUE = "{\"command\":[\"/bin/true\"]}";

  private ServedHub served;

  @BeforeEach
  void start() throws Exception {
    served = new ServedHub();
  }

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void acceptsATaskAndShowsIt() throws Exception {
    Answer created = served.post("/api/v1/tasks", "{\"name\":\"one\",\"command\":[\"/bin/true\"]}");
    assertThat(created.status()).isEqualTo(202);
    String location = created.response().headers().firstValue("Location").orElseThrow();
    Answer shown = served.get(location);
    assertThat(shown.status()).isEqualTo(200);
    TaskView task = Json.read(shown.response().body(), TaskView.class);
    assertThat(task.name()).isEqualTo("one");
    assertThat(task.events()).isNotEmpty();
    assertThat(task.spec().workload().resources().cpuMillis()).isEqualTo(500);
    assertThat(served.get("/api/v1/tasks/one").status()).isEqualTo(200);
  }

  @Test
  void repeatsWithAnIdempotencyKeyMakeOneTask() throws Exception {
    String first =
        served.post("/api/v1/tasks", TRUE, "Idempotency-Key", "a").json().get("id").asText();
    Answer again = served.post("/api/v1/tasks", TRUE, "Idempotency-Key", "a");
    assertThat(again.json().get("id").asText()).isEqualTo(first);
    Answer other =
        served.post("/api/v1/tasks", "{\"command\":[\"/bin/false\"]}", "Idempotency-Key", "a");
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.code()).isEqualTo("CONFLICT");
    assertThat(served.hub.all()).hasSize(1);
    Answer bad = served.post("/api/v1/tasks", TRUE, "Idempotency-Key", "two words");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.json().get("detail").asText()).contains("Idempotency-Key");
  }

  @Test
  void listsPageByPageWithoutLossOrRepeat() throws Exception {
    for (int i = 0; i < 7; i++) {
      served.post("/api/v1/tasks", TRUE);
    }
    Set<String> seen = new HashSet<>();
    String cursor = "";
    int pages = 0;
    do {
      JsonNode page = served.get("/api/v1/tasks?limit=3" + cursor).json();
      page.get("tasks").forEach(task -> assertThat(seen.add(task.get("id").asText())).isTrue());
      cursor = page.has("next") ? "&cursor=" + page.get("next").asText() : "";
      pages++;
    } while (!cursor.isEmpty());
    assertThat(seen).hasSize(7);
    assertThat(pages).isEqualTo(3);
  }

  @Test
  void waitsForATaskToEnd() throws Exception {
    served.post("/api/v1/tasks", TRUE);
    TaskId id = served.hub.only();
    served.hub.place(id);
    Thread.ofVirtual()
        .start(
            () -> {
              sleep(150);
              served.hub.exit(id, 7, null);
            });
    long begin = System.nanoTime();
    JsonNode task = served.get("/api/v1/tasks/" + id + "?wait=10s").json();
    assertThat(task.get("exitCode").asInt()).isEqualTo(7);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(120), Duration.ofSeconds(5));
  }

  @Test
  void stopsAndDeletes() throws Exception {
    served.post("/api/v1/tasks", "{\"name\":\"svc\",\"command\":[\"/bin/sleep\",\"9\"]}");
    TaskId id = served.hub.only();
    served.hub.place(id);
    assertThat(served.call("DELETE", "/api/v1/tasks/svc", null).status()).isEqualTo(409);
    Answer stopped = served.post("/api/v1/tasks/svc/stop", "");
    assertThat(stopped.status()).isEqualTo(202);
    assertThat(stopped.json().get("state").asText()).isEqualTo("STOPPING");
    served.hub.exit(id, 143, null);
    assertThat(served.call("DELETE", "/api/v1/tasks/svc", null).status()).isEqualTo(204);
    assertThat(served.get("/api/v1/tasks/svc").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"command":["/bin/true"],"name":"a\\nb"}      | BAD_REQUEST    | a\\nb
          {"command":["/bin/true"],"memroy":"1G"}       | BAD_REQUEST    | memroy
          {"command":["/bin/true"],"memory":"lots"}     | BAD_REQUEST    | memory
          {"command":["/bin/true"],"memory":true}       | BAD_REQUEST    | memory
          {"command":["/bin/true"],"cpus":"-1"}         | BAD_REQUEST    | cpus
          {"command":["/bin/true"],"cpus":1e400}        | BAD_REQUEST    | cpus
          {"command":["/bin/true"],"driver":"dokcer"}   | UNKNOWN_DRIVER | dokcer
          {"command":["/bin/true"],"ports":["80"]}      | BAD_REQUEST    | ports
          {"command":["/bin/true"],"priority":0}        | BAD_REQUEST    | priority
          {"command":["/bin/true"],"env":{"A=B":"c"}}   | BAD_REQUEST    | A=B
          {"command":["/bin/true"],"env":{"A":1}}       | BAD_REQUEST    | env.A
          {"command":["a\\u0000b"]}                     | BAD_REQUEST    | NUL
          {"command":["/bin/true"],"name":"x","name":"y"} | BAD_REQUEST  | name
          {}                                            | BAD_REQUEST    | command
          {"driver":"docker","command":["/bin/true"]}   | BAD_REQUEST    | image
          []                                            | BAD_REQUEST    | a list
          {"command":                                   | BAD_REQUEST    | not JSON
          """)
  void refusesABadRequestWithFieldCodeAndHint(String body, String code, String word)
      throws Exception {
    Answer answer = served.post("/api/v1/tasks", body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .hasValue("application/problem+json");
    JsonNode problem = answer.json();
    assertThat(problem.get("code").asText()).isEqualTo(code);
    assertThat(problem.get("detail").asText()).contains(word).doesNotContain("\n");
    assertThat(problem.get("hint").asText()).isNotBlank();
    assertThat(served.hub.submits).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /api/v1/tasks?state=abc             | 'state'   | ended, cursor, limit
          /api/v1/tasks?limti=3               | 'limti'   | did you mean 'limit'?
          /api/v1/tasks?limit=0               | limit: '0'  | from 1 to 1000
          /api/v1/tasks?limit=1001            | limit: '1001' | from 1 to 1000
          /api/v1/tasks?limit=many            | limit: 'many' | from 1 to 1000
          /api/v1/tasks?limit=                | limit: ''   | from 1 to 1000
          /api/v1/tasks?limit                 | limit: ''   | from 1 to 1000
          /api/v1/tasks?limit=3&limit=4       | limit       | once
          /api/v1/tasks?ended=perhaps         | ended: 'perhaps' | true or false
          /api/v1/tasks?cursor=abc            | cursor: 'abc' | next of the page before
          /api/v1/tasks/one?wait=soon         | wait: 'soon' | such as 30s
          /api/v1/tasks/one?wait=-5s          | wait: '-5s' | such as 30s
          /api/v1/tasks/one/logs?run=x        | run: 'x'    | such as 1-7
          /api/v1/tasks/one/logs?run=-1-7     | run: '-1-7' | such as 1-7
          /api/v1/tasks/one/logs?offset=-1    | offset: '-1' | from 0 to
          /api/v1/tasks/one/logs?follow=2     | follow: '2' | true or false
          /api/v1/tasks/one/logs?tail=5       | 'tail'      | run, offset, follow
          /api/v1/events?after=now            | after: 'now' | from 0 to
          /api/v1/events?follow=TRUE          | follow: 'TRUE' | true or false
          /api/v1/nodes?state=LOST            | 'state'     | none
          """)
  void refusesAnUnknownParameterOrValue(String path, String detail, String hint) throws Exception {
    served.post("/api/v1/tasks", "{\"name\":\"one\",\"command\":[\"/bin/true\"]}");
    Answer answer = served.get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .hasValue("application/problem+json");
    assertThat(answer.code()).isEqualTo("BAD_REQUEST");
    assertThat(answer.json().get("detail").asText()).contains(detail);
    assertThat(answer.json().get("hint").asText()).contains(hint);
  }

  /// Probes and scrapers add parameters of their own.
  @Test
  void openRoutesTakeAnyParameter() throws Exception {
    for (String path : new String[] {"/healthz", "/readyz", "/version", "/metrics"}) {
      assertThat(served.get(path + "?now=17").status()).as(path).isEqualTo(200);
    }
  }

  @Test
  void refusesABodyOfTenMegabytesUnread() throws Exception {
    byte[] big = new byte[10_000_000];
    java.util.Arrays.fill(big, (byte) ' ');
    Answer answer = served.call("POST", "/api/v1/tasks", big);
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.code()).isEqualTo("TOO_LARGE");
    Answer chunked =
        served.send(
            served
                .bare("POST", "/api/v1/tasks", null)
                .header("Authorization", "Bearer " + MemoryHub.SECRET)
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(big)))
                .build());
    assertThat(chunked.status()).isEqualTo(413);
    // The answer comes before the body does.
    String early =
        served.raw(
            "POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + MemoryHub.SECRET
                + "\r\nConnection: close\r\nContent-Length: 10000000\r\n\r\n{");
    assertThat(early).startsWith("HTTP/1.1 413 ").contains("TOO_LARGE");
    assertThat(served.get("/healthz").status()).isEqualTo(200);
  }

  @Test
  void refusesRequestsWithoutAGoodKey() throws Exception {
    Answer none = served.send(served.bare("GET", "/api/v1/tasks", null).build());
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.response().headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    Answer wrong =
        served.send(
            served.bare("GET", "/api/v1/tasks", null).header("Authorization", "Bearer no").build());
    assertThat(wrong.code()).isEqualTo("UNAUTHENTICATED");
    Answer basic =
        served.send(
            served
                .bare("GET", "/api/v1/tasks", null)
                .header("Authorization", "Basic eA==")
                .build());
    assertThat(basic.status()).isEqualTo(401);
    served.hub.revokeKey("k1");
    assertThat(served.get("/api/v1/tasks").status()).isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,200",
    "127.0.0.1:7465,200",
    "[::1]:80,200",
    "hub.example,200",
    "HUB.example:443,200",
    "evil.example,403",
    "10.1.2.3,403",
    "localhost.evil.example,403",
    "127.0.0.1.evil.example,403",
  })
  void answersOnlyToItsOwnNames(String host, int status) throws Exception {
    String answer =
        served.raw("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost,200",
    "https://localhost,200",
    "http://evil.example,403",
    "null,403",
    "http://localhost:1,403",
  })
  void refusesForeignOrigins(String origin, int status) throws Exception {
    String answer =
        served.raw(
            "GET /version HTTP/1.1\r\nHost: localhost\r\nOrigin: "
                + origin
                + "\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void answersEveryMalformedRequestWithAProblem() throws Exception {
    for (String request :
        new String[] {
          "GET /api/v1/tasks/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "PUT /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
          "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
          "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
          "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: "
              + "y".repeat(20_000)
              + "\r\nConnection: close\r\n\r\n",
          "nonsense\r\n\r\n",
        }) {
      String answer = served.raw(request);
      assertThat(answer)
          .as(request.length() > 200 ? "long header" : request)
          .startsWith("HTTP/1.1 4");
      assertThat(answer)
          .contains("application/problem+json")
          .contains("\"code\"")
          .doesNotContain("at io.");
    }
  }

  /// A request that cannot be read: the status and code of its problem, and words of the text.
  private record Unreadable(String request, int status, String code, String... words) {}

  @Test
  void saysWhatToDoAboutWhatCannotBeRead() throws Exception {
    String post =
        "POST /api/v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + MemoryHub.SECRET
            + "\r\nConnection: close\r\n";
    String deep = "{\"env\":" + "[".repeat(100) + "]".repeat(100) + "}";
    String digits = "{\"priority\":" + "9".repeat(2000) + "}";
    String end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for (Unreadable one :
        List.of(
            new Unreadable(
                "GET /api/v1/tasks?cursor=" + "t".repeat(30_000) + end,
                414,
                "TOO_LARGE",
                "request line",
                "shorten the path or the query"),
            new Unreadable(
                post + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
                400,
                "BAD_REQUEST",
                "'gzip'",
                "without Content-Encoding"),
            new Unreadable(
                post + "Content-Length: 4\r\n\r\n\u001f\u008b\u0008\u0000",
                400,
                "BAD_REQUEST",
                "compressed",
                "as plain JSON"),
            new Unreadable(
                post + "Content-Length: " + deep.length() + "\r\n\r\n" + deep,
                400,
                "BAD_REQUEST",
                "deeper than 64 levels",
                "nest less"),
            new Unreadable(
                post + "Content-Length: " + digits.length() + "\r\n\r\n" + digits,
                400,
                "BAD_REQUEST",
                "too long",
                "shorten"),
            new Unreadable(
                "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n",
                505,
                "BAD_REQUEST",
                "HTTP version",
                "HTTP/1.1"),
            new Unreadable(
                "GET /api/v1/tasks/%zz" + end, 400, "BAD_REQUEST", "cannot be read", "percent"),
            new Unreadable("nonsense\r\n\r\n", 400, "BAD_REQUEST", "cannot be read", "HTTP/1.1"))) {
      String answer = served.raw(one.request());
      assertThat(answer).startsWith("HTTP/1.1 " + one.status() + " ");
      assertThat(answer).contains("Content-Type: application/problem+json");
      JsonNode problem = Json.mapper().readTree(answer.substring(answer.indexOf("\r\n\r\n")));
      assertThat(problem.get("code").asText()).as(answer).isEqualTo(one.code());
      assertThat(problem.get("status").asInt()).as(answer).isEqualTo(one.status());
      assertThat(problem.get("detail").asText() + problem.get("hint").asText())
          .contains(one.words())
          .doesNotContain("StreamReadConstraints");
    }
  }

  @Test
  void hidesWhatWentWrongInside() throws Exception {
    Files.deleteIfExists(served.scratch);
    Files.writeString(served.scratch, "a file where a folder should be");
    Answer answer = served.get("/api/v1/backup");
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.code()).isEqualTo("INTERNAL");
    assertThat(answer.text()).doesNotContain("Exception").doesNotContain(served.scratch.toString());
  }

  @Test
  void streamsABackupAndLeavesNothingBehind() throws Exception {
    Answer answer = served.get("/api/v1/backup");
    assertThat(answer.text()).isEqualTo("a copy of the store");
    try (var left = Files.list(served.scratch)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void tellsWhyItIsNotReady() throws Exception {
    assertThat(served.get("/readyz").status()).isEqualTo(200);
    served.hub.notReady = java.util.List.of("the store is read-only");
    Answer answer = served.get("/readyz");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.json().get("reasons").get(0).asText()).isEqualTo("the store is read-only");
  }

  @Test
  void measuresItsRequests() throws Exception {
    served.get("/version");
    assertThat(served.send(served.bare("GET", "/metrics", null).build()).text())
        .contains("atoll_http_requests_seconds_count{method=\"GET\",route=\"/version\"} 1")
        .contains("atoll_http_streams");
  }

  @Test
  void nodesInvitesAndKeys() throws Exception {
    assertThat(served.get("/api/v1/nodes").json().get("nodes").get(0).get("name").asText())
        .isEqualTo("reef");
    assertThat(served.post("/api/v1/nodes/reef/ping", "").json().get("millis").asDouble())
        .isEqualTo(1.25);
    Answer made = served.post("/api/v1/invites", "{\"role\":\"app\",\"validFor\":\"2h\"}");
    assertThat(made.status()).isEqualTo(201);
    String invite = made.json().get("invite").asText();
    Answer redeemed =
        served.send(
            served
                .bare(
                    "POST",
                    "/api/v1/apps/redeem",
                    ("{\"invite\":\"" + invite + "\"}").getBytes(StandardCharsets.UTF_8))
                .build());
    assertThat(redeemed.status()).isEqualTo(201);
    Answer twice = served.post("/api/v1/apps/redeem", "{\"invite\":\"" + invite + "\"}");
    assertThat(twice.status()).isEqualTo(403);
    assertThat(twice.code()).isEqualTo("INVITE_INVALID");
    assertThat(served.post("/api/v1/apps/redeem", "{\"invite\":\"a\\nb\"}").code())
        .isEqualTo("INVITE_INVALID");
    JsonNode keys = served.get("/api/v1/apps/keys").json().get("keys");
    assertThat(keys).hasSize(2);
    assertThat(keys.toString()).doesNotContain("atk_");
    assertThat(served.call("DELETE", "/api/v1/apps/keys/k2", null).status()).isEqualTo(204);
    assertThat(served.call("DELETE", "/api/v1/nodes/reef", null).status()).isEqualTo(204);
    assertThat(served.post("/api/v1/invites", "{\"role\":\"king\"}").status()).isEqualTo(400);
    assertThat(served.post("/api/v1/invites", "{\"validFor\":\"99d\"}").status()).isEqualTo(400);
  }

  @Test
  void saysWhichAddressIsTaken() {
    assertThatThrownBy(() -> served.start(served.server.address().getPort()))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
              assertThat(e.text()).contains(String.valueOf(served.server.address().getPort()));
            });
  }

  @Test
  void survivesCallersThatBreakOff() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Socket socket =
          new Socket(served.server.address().getAddress(), served.server.address().getPort())) {
        OutputStream out = socket.getOutputStream();
        out.write(
            ("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + MemoryHub.SECRET
                    + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        InputStream in = socket.getInputStream();
        assertThat(in.read()).isEqualTo('H');
      }
    }
    assertThat(served.get("/healthz").status()).isEqualTo(200);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
