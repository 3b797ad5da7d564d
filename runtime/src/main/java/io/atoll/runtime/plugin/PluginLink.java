package io.atoll.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.runtime.driver.DriverException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a runtime. Requests may come from any thread; an interrupt ends only the wait
/// of the one who waits. One virtual thread reads, another writes, so that a runtime that takes
/// nothing holds nobody up. What is no message ends the connection.
final class PluginLink implements AutoCloseable {
  /// Takes what an answer says, in the order in which answers and events came; must be quick.
  interface Taking {
    void take(JsonNode result) throws IOException;
  }

  /// Takes events, on the thread that reads; must be quick.
  interface Listener {
    void event(PluginMessage event);
  }

  static final int LONGEST_REQUEST = 8 << 20;
  private static final int MOST_WAITING = 256;
  private static final Logger log = LoggerFactory.getLogger(PluginLink.class);

  private final String name;
  private final SocketChannel channel;
  private final Listener listener;
  private final AtomicLong lastId = new AtomicLong();
  private final Map<Long, Asked> asked = new ConcurrentHashMap<>();
  private final BlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(MOST_WAITING);
  private final CompletableFuture<String> over = new CompletableFuture<>();

  private record Asked(String method, Taking taking, CompletableFuture<JsonNode> answer) {}

  /// @param name of the driver, for errors
  PluginLink(String name, SocketChannel channel, Listener listener) {
    this.name = name;
    this.channel = channel;
    this.listener = listener;
  }

  void begin() {
    Thread.ofVirtual().name("runtime-read " + name).start(this::reading);
    Thread.ofVirtual().name("runtime-write " + name).start(this::writing);
  }

  boolean isOver() {
    return over.isDone();
  }

  /// Why it ended; empty while it has not.
  String why() {
    return over.getNow("");
  }

  JsonNode call(String method, ObjectNode params, Duration atMost)
      throws DriverException, InterruptedException {
    return call(method, params, atMost, result -> {});
  }

  /// Asks, and waits for the answer.
  JsonNode call(String method, ObjectNode params, Duration atMost, Taking taking)
      throws DriverException, InterruptedException {
    return get(method, ask(method, params, taking), atMost);
  }

  /// Asks. The answer is for `get`; one that nobody gets is dropped.
  CompletableFuture<JsonNode> ask(String method, ObjectNode params, Taking taking)
      throws DriverException {
    long id = lastId.incrementAndGet();
    ObjectNode request = Json.mapper().createObjectNode().put("id", id).put("method", method);
    request.set("params", params);
    byte[] line = (request + "\n").getBytes(UTF_8);
    if (line.length > LONGEST_REQUEST) {
      throw new DriverException(
          ErrorCode.TOO_LARGE,
          "the task is too large for runtime " + name + ": " + line.length + " bytes",
          "pass less by arguments and variables");
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, new Asked(method, taking, answer));
    var _ = answer.whenComplete((_, _) -> asked.remove(id));
    if (over.isDone()) {
      answer.completeExceptionally(ended());
    } else if (!outgoing.offer(line)) {
      answer.cancel(false);
      throw new DriverException(
          ErrorCode.TIMEOUT,
          "runtime " + name + " takes no requests: " + MOST_WAITING + " wait for it",
          "see its log; end it if it hangs, and it is started again");
    }
    return answer;
  }

  JsonNode get(String method, CompletableFuture<JsonNode> answer, Duration atMost)
      throws DriverException, InterruptedException {
    try {
      return answer.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new DriverException(
          ErrorCode.TIMEOUT,
          "runtime " + name + " did not answer '" + method + "' in " + atMost.toMillis() + " ms",
          "see its log; end it if it hangs, and it is started again");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DriverException refused) {
        throw new DriverException(refused.code(), refused.text(), refused.hint(), refused);
      }
      throw new IllegalStateException("waiting for '" + method + "' failed", e.getCause());
    } finally {
      answer.cancel(false);
    }
  }

  private DriverException ended() {
    return new DriverException(
        ErrorCode.UNREACHABLE,
        "the connection to runtime " + name + " has ended: " + why(),
        "see its log; it is started again when it is needed");
  }

  // ---- the two threads

  private void reading() {
    String why = "the program closed it";
    try {
      PluginLines lines = new PluginLines(channel);
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        take(PluginMessage.of(line, Instant.now()));
      }
    } catch (IOException | RuntimeException e) {
      why = over.isDone() ? "" : "it sent " + e.getMessage();
    }
    end(why);
  }

  private void take(PluginMessage message) throws IOException {
    switch (message) {
      case PluginMessage.Answer(long id, JsonNode result) -> {
        Asked question = asked.get(id);
        if (question == null) {
          return; // nobody waits any more
        }
        try {
          question.taking().take(result);
          question.answer().complete(result);
        } catch (IOException e) {
          question
              .answer()
              .completeExceptionally(
                  new DriverException(
                      ErrorCode.INTERNAL,
                      "runtime "
                          + name
                          + " answered '"
                          + question.method()
                          + "' with what is no answer: "
                          + e.getMessage(),
                      "the runtime has a defect; tell whoever made it",
                      e));
        }
      }
      case PluginMessage.Refusal(long id, ErrorCode code, String text, String hint) -> {
        Asked question = asked.get(id);
        if (question != null) {
          question
              .answer()
              .completeExceptionally(
                  new DriverException(code, "runtime " + name + ": " + text, hint));
        }
      }
      case PluginMessage.Output _, PluginMessage.Progress _, PluginMessage.Changed _ ->
          listener.event(message);
      case PluginMessage.Unknown() -> {}
    }
  }

  private void writing() {
    try {
      while (true) {
        byte[] line = outgoing.take();
        if (line.length == 0) {
          return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException e) {
      end("it cannot be written to: " + e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  void end(String why) {
    if (!over.complete(why)) {
      return;
    }
    log.debug("connection to runtime {} ended: {}", name, why);
    DriverException ended = ended();
    asked.values().forEach(question -> question.answer().completeExceptionally(ended));
    outgoing.clear();
    boolean _ = outgoing.offer(new byte[0]);
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing the connection to runtime {}: {}", name, e.toString());
    }
  }

  /// Ends the connection; the runtime goes on.
  @Override
  public void close() {
    end("the daemon closed it");
  }

  static ObjectNode params() {
    return Json.mapper().createObjectNode();
  }

  /// As `params`, with a run.
  static ObjectNode params(Object run) {
    return params().put("run", run.toString());
  }

  /// The reason a runtime gave last, in one line for `doctor`.
  static String oneLine(@Nullable Throwable why) {
    return why == null ? "" : PluginField.clean(String.valueOf(why.getMessage()), 300);
  }
}
