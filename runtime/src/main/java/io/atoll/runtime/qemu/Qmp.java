package io.atoll.runtime.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.os.UnixListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a QEMU. Commands may come from any thread; an interrupt ends only the wait
/// of the one who waits. One virtual thread reads, another writes; events are told on the reading
/// one, which must not wait for an answer.
public final class Qmp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Qmp.class);

  /// For a command that does no work worth mentioning.
  public static final Duration SHORT = Duration.ofSeconds(10);

  private static final int MOST_WAITING = 64;

  private final Path socket;
  private final SocketChannel channel;
  private final Consumer<QmpEvent> onEvent;
  private final AtomicLong lastId = new AtomicLong();
  private final Map<Long, Asked> asked = new ConcurrentHashMap<>();
  private final BlockingQueue<byte[]> outgoing = new ArrayBlockingQueue<>(MOST_WAITING);
  private final CompletableFuture<String> greeting = new CompletableFuture<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private String version = "";

  private record Asked(String command, CompletableFuture<JsonNode> answer) {}

  private Qmp(Path socket, SocketChannel channel, Consumer<QmpEvent> onEvent) {
    this.socket = socket;
    this.channel = channel;
    this.onEvent = onEvent;
  }

  /// Connects, takes the greeting and leaves negotiation mode. A socket that is not there yet, or
  /// does not answer, is tried again until the time is over.
  ///
  /// @param onEvent gets every event, in order, from now on; must be quick
  public static Qmp connect(Path socket, Duration atMost, Consumer<QmpEvent> onEvent)
      throws QmpException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      try {
        Qmp qmp = new Qmp(socket, UnixListener.connect(socket), onEvent);
        try {
          qmp.begin(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
          return qmp;
        } catch (QmpException | InterruptedException | RuntimeException e) {
          qmp.close();
          throw e;
        }
      } catch (QmpException e) {
        throw e;
      } catch (IOException notYet) {
        if (System.nanoTime() >= until) {
          throw QmpException.closed(
              "no QEMU listens at " + socket + ": " + notYet.getMessage(), notYet);
        }
        Thread.sleep(2);
      }
    }
  }

  private void begin(Duration atMost) throws QmpException, InterruptedException {
    Thread.ofVirtual().name("qmp-read " + socket.getFileName()).start(this::reading);
    Thread.ofVirtual().name("qmp-write " + socket.getFileName()).start(this::writing);
    version = get("the greeting", greeting, atMost);
    execute("qmp_capabilities", atMost);
  }

  /// Version of QEMU as it greeted, such as `7.2.22`.
  public String version() {
    return version;
  }

  public JsonNode execute(String command) throws QmpException, InterruptedException {
    return execute(command, SHORT);
  }

  public JsonNode execute(String command, Duration atMost)
      throws QmpException, InterruptedException {
    return execute(command, Json.mapper().createObjectNode(), atMost);
  }

  /// Sends a command and waits for its answer.
  ///
  /// @param arguments an object; left out if empty
  /// @return what QEMU returned, an empty object for most commands
  public JsonNode execute(String command, ObjectNode arguments, Duration atMost)
      throws QmpException, InterruptedException {
    long id = lastId.incrementAndGet();
    ObjectNode line = Json.mapper().createObjectNode().put("execute", command).put("id", id);
    if (!arguments.isEmpty()) {
      line.set("arguments", arguments);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, new Asked(command, answer));
    try {
      if (over.isDone()) {
        throw closed(null);
      }
      if (!outgoing.offer((line + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
        throw QmpException.timeout(
            "QEMU takes no command any more: " + MOST_WAITING + " wait for it at " + socket);
      }
      return get("'" + command + "'", answer, atMost);
    } finally {
      asked.remove(id);
    }
  }

  /// Waits until the connection has ended: QEMU is gone, or closed it.
  ///
  /// @return whether it has
  public boolean awaitEnd(Duration atMost) throws InterruptedException {
    try {
      over.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private <T> T get(String what, CompletableFuture<T> future, Duration atMost)
      throws QmpException, InterruptedException {
    try {
      return future.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw QmpException.timeout(
          "QEMU at " + socket + " did not answer " + what + " in " + atMost.toMillis() + " ms");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof QmpException failed) {
        throw failed;
      }
      throw new IllegalStateException("waiting for " + what + " of QEMU failed", e.getCause());
    }
  }

  private QmpException closed(@Nullable Throwable cause) {
    return QmpException.closed("the connection to QEMU at " + socket + " has ended", cause);
  }

  // ---- the two threads

  private void reading() {
    Throwable why = null;
    try {
      QmpLines lines = new QmpLines(channel);
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        take(QmpMessage.of(line));
      }
    } catch (IOException | RuntimeException e) {
      why = e;
    }
    end(why);
  }

  private void take(QmpMessage message) {
    switch (message) {
      case QmpMessage.Greeting(String said) -> greeting.complete(said);
      case QmpMessage.Event(QmpEvent event) -> {
        try {
          onEvent.accept(event);
        } catch (RuntimeException e) {
          log.error("QMP event {} was not taken", event.name(), e);
        }
      }
      case QmpMessage.Result(long id, JsonNode value) -> {
        Asked question = asked.get(id);
        if (question != null) { // else nobody waits any more
          question.answer().complete(value);
        }
      }
      case QmpMessage.Refusal(long id, String errorClass, String text) -> {
        Asked question = asked.get(id);
        if (question != null) {
          question
              .answer()
              .completeExceptionally(QmpException.refused(question.command(), errorClass, text));
        } else {
          log.debug("QEMU at {} refused what nobody asked: {}", socket, text);
        }
      }
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
      end(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  private void end(@Nullable Throwable why) {
    QmpException closed = closed(why);
    over.complete(null);
    greeting.completeExceptionally(closed);
    asked.values().forEach(question -> question.answer().completeExceptionally(closed));
    outgoing.clear();
    boolean _ = outgoing.offer(new byte[0]);
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing the connection to {}: {}", socket, e.toString());
    }
  }

  /// Ends the connection; QEMU goes on, and takes another.
  @Override
  public void close() {
    end(null);
  }
}
