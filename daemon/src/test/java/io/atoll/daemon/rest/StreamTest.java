package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.EventSink;
import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.LogSink;
import io.atoll.client.api.EventView;
import io.atoll.client.api.OutputEvents;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.rest.ServedHub.Answer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Output and events as streams, on the wire and through the client.
class StreamTest {
  private ServedHub served;
  private TaskId id;

  @BeforeEach
  void start() throws Exception {
    served = new ServedHub();
    served.post("/api/v1/tasks", "{\"name\":\"one\",\"command\":[\"/bin/true\"]}");
    id = served.hub.only();
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private String logs(String query, String... headers) throws Exception {
    Answer answer = served.call("GET", "/api/v1/tasks/one/logs" + query, null, headers);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .hasValue("text/event-stream");
    return answer.text();
  }

  @Test
  void statsAreASampleOrAStreamThatEndsWithTheRun() throws Exception {
    assertThat(served.get("/api/v1/tasks/one/stats").status()).isEqualTo(409);
    served.hub.place(id);
    assertThat(served.get("/api/v1/tasks/" + id + "/stats").json().get("output").asLong())
        .isEqualTo(12);
    served.hub.exit(id, 0, null);
    String stream = served.get("/api/v1/tasks/" + id + "/stats?follow=true&interval=1s").text();
    assertThat(stream).contains("event: stats", "\"ended\":true", "event: end");
  }

  @Test
  void outputIsFramedAsTheContractSays() throws Exception {
    served.hub.place(id);
    served.hub.print(id, "hello\n");
    served.hub.write(id, OutputChunk.Stream.STDERR, "oops\n".getBytes(StandardCharsets.UTF_8));
    String text = logs("");
    assertThat(text).contains("event: run\ndata: {\"run\":\"1-1\"}\n\n");
    assertThat(text)
        .contains("id: 6\nevent: output\ndata: {\"offset\":0,\"stream\":\"STDOUT\",\"time\":\"");
    assertThat(text)
        .contains("\"data\":\"aGVsbG8K\"}\n\n", "id: 11\nevent: output", "\"stream\":\"STDERR\"");
    assertThat(text).endsWith("id: 11\nevent: end\ndata: {\"offset\":11}\n\n");
  }

  @Test
  void resumesAtTheCursorHoweverItIsSent() throws Exception {
    served.hub.place(id);
    served.hub.print(id, "0123456789");
    assertThat(logs("?offset=4")).contains("\"offset\":4,", "\"data\":\"NDU2Nzg5\"");
    assertThat(logs("", "Last-Event-ID", "8")).contains("\"offset\":8,", "\"data\":\"ODk=\"");
    assertThat(logs("?offset=9", "Last-Event-ID", "2")).contains("\"offset\":9,");
    for (String bad : List.of("?offset=-1", "?offset=x", "?run=x", "?follow=maybe")) {
      assertThat(served.get("/api/v1/tasks/one/logs" + bad).status()).as(bad).isEqualTo(400);
    }
    assertThat(served.get("/api/v1/tasks/one/logs?run=9-9").status()).isEqualTo(404);
    assertThat(served.get("/api/v1/tasks/nobody/logs").status()).isEqualTo(404);
  }

  @Test
  void aTaskThatNeverRanHasNoOutput() throws Exception {
    assertThat(logs("")).contains("event: run\ndata: {}").contains("event: end");
    served.hub.stop("one");
    assertThat(logs("?follow=true")).contains("event: end");
  }

  @Test
  void followsFromTheQueueToTheEndAndArrivesAtOnce() throws Exception {
    CompletableFuture<String> stream = CompletableFuture.supplyAsync(() -> quietly("?follow=true"));
    await().until(() -> metric("atoll_http_streams") == 1);
    served.hub.place(id);
    served.hub.print(id, "a");
    Thread.sleep(50);
    assertThat(stream).isNotDone();
    served.hub.exit(id, 0, null);
    assertThat(stream.get(2, TimeUnit.SECONDS))
        .contains("\"data\":\"YQ==\"")
        .contains("event: end");
  }

  @Test
  void aLateFailureIsTheLastEvent() throws Exception {
    served.hub.place(id);
    served.hub.outputFailure =
        new AtollException(ErrorCode.UNREACHABLE, "node reef is away", "wait for it");
    String text = logs("?follow=true");
    assertThat(text)
        .contains("event: error\ndata: {\"code\":\"UNREACHABLE\",\"detail\":\"node reef is away\"");
  }

  @Test
  void theClientResumesAfterALateFailure() throws Exception {
    served.hub.place(id);
    served.hub.print(id, "before ");
    served.hub.outputFailure =
        new AtollException(ErrorCode.UNREACHABLE, "node reef is away", "wait for it");
    Collected collected = new Collected();
    CompletableFuture<Long> end = follow(collected);
    await().until(() -> collected.bytes.size() == 7);
    served.hub.outputFailure =
        new AtollException(ErrorCode.UNREACHABLE, "node reef is away", "wait for it");
    served.hub.print(id, "after");
    served.hub.exit(id, 0, null);
    assertThat(end.get(5, TimeUnit.SECONDS)).isEqualTo(12);
    assertThat(collected.bytes.toString(StandardCharsets.UTF_8)).isEqualTo("before after");
  }

  @Test
  void megabytesPassWholeAndInOrder() throws Exception {
    served.hub.place(id);
    byte[] all = new byte[8 << 20];
    new Random(3).nextBytes(all);
    Collected collected = new Collected();
    CompletableFuture<Long> end = follow(collected);
    for (int at = 0; at < all.length; at += 1 << 16) {
      served.hub.write(
          id, OutputChunk.Stream.STDOUT, java.util.Arrays.copyOfRange(all, at, at + (1 << 16)));
    }
    served.hub.exit(id, 0, null);
    assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo(all.length);
    assertThat(collected.bytes.toByteArray()).isEqualTo(all);
  }

  @Test
  void eventsCarryTheirCursor() throws Exception {
    String text = served.get("/api/v1/events?follow=false").text();
    assertThat(text).contains("id: 1\nevent: task.created\ndata: {").contains("event: end");
    served.hub.place(id);
    assertThat(served.get("/api/v1/events?follow=false&after=1").text())
        .contains("event: run.placed")
        .doesNotContain("task.created");
    assertThat(served.call("GET", "/api/v1/events?follow=false", null, "Last-Event-ID", "1").text())
        .doesNotContain("task.created");
    served.post("/api/v1/tasks", "{\"name\":\"two\",\"command\":[\"x\"]}");
    assertThat(served.get("/api/v1/events?follow=false&task=two").text())
        .contains("id: 3")
        .doesNotContain("id: 1\n");
    assertThat(served.get("/api/v1/events?task=nobody").status()).isEqualTo(404);
  }

  @Test
  void aTrimmedCursorIsGone() throws Exception {
    served.hub.place(id);
    served.hub.trimEvents(2);
    Answer gone = served.get("/api/v1/events?after=0");
    assertThat(gone.status()).isEqualTo(410);
    assertThat(gone.code()).isEqualTo("GONE");
    assertThat(gone.json().get("hint").asText()).isNotBlank();
    assertThat(served.get("/api/v1/events?follow=false").text()).contains("run.placed");
  }

  @Test
  void eventsAreFollowedOverARestart() throws Exception {
    List<EventView> seen = new CopyOnWriteArrayList<>();
    HubClient client = client();
    Thread follower =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.events(
                        -1,
                        null,
                        true,
                        new EventSink() {
                          @Override
                          public void event(EventView event) {
                            seen.add(event);
                          }
                        });
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    await().until(() -> seen.size() == 1);
    int port = served.server.address().getPort();
    served.server.close();
    served.hub.place(id);
    served.server = served.start(port);
    served.hub.exit(id, 0, null);
    await().atMost(Duration.ofSeconds(5)).until(() -> seen.size() == 3);
    assertThat(seen)
        .extracting(EventView::type)
        .containsExactly("task.created", "run.placed", "run.exited");
    follower.interrupt();
  }

  @Test
  void stoppingEndsStreamsAtOnceAndSaysWhy() throws Exception {
    served.hub.place(id);
    InputStream in = served.stream("/api/v1/tasks/one/logs?follow=true");
    await().until(() -> metric("atoll_http_streams") == 1);
    long begin = System.nanoTime();
    served.server.close();
    String rest = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
    assertThat(rest).contains("event: error").contains("NOT_READY").doesNotContain("event: end");
    served.server = served.start(0);
  }

  @Test
  void aFollowerThatLeavesIsForgotten() throws Exception {
    served.hub.place(id);
    InputStream in = served.stream("/api/v1/tasks/one/logs?follow=true");
    await().until(() -> metric("atoll_http_streams") == 1);
    in.close();
    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () -> {
              served.hub.print(id, "tick\n");
              return metric("atoll_http_streams") == 0;
            });
  }

  private CompletableFuture<Long> follow(LogSink sink) {
    CompletableFuture<Long> end = new CompletableFuture<>();
    HubClient client = client();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                end.complete(client.logs(id.text(), null, 0, true, sink));
              } catch (Exception e) {
                end.completeExceptionally(e);
              }
            });
    return end;
  }

  private HubClient client() {
    return new HubClient(() -> new HubLocation(served.server.uri(), MemoryHub.SECRET, "test"));
  }

  private double metric(String name) throws Exception {
    return served
        .get("/metrics")
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private String quietly(String query) {
    try {
      return logs(query);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static final class Collected implements LogSink {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void output(OutputEvents.Output piece) {
      bytes.writeBytes(piece.data());
    }

    @Override
    public void dropped(long from, long until) {
      throw new AssertionError("dropped " + from + " to " + until);
    }
  }
}
