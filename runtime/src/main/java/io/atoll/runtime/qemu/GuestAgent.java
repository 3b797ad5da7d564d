package io.atoll.runtime.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.json.Json;
import io.atoll.core.os.UnixListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A conversation with the qemu-guest-agent inside a guest (QEMU's `docs/interop/qemu-ga-ref`)
/// over the unix socket of a virtio port. It looks like QMP, with three differences: there is no
/// greeting, no ids and no events; whoever ends the line is not told, so that old answers may
/// still come; and the other end is foreign code, which may say anything or nothing.
///
/// One call at a time; others wait. A call that is not answered in time ends the conversation: what
/// comes later could not be told from the answer to the next.
public final class GuestAgent implements AutoCloseable {
  /// How much one message to the agent carries.
  private static final int PIECE = 48 << 10;

  private static final int MOST_LINES = 16;
  private static final Duration TRY = Duration.ofSeconds(3);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path socket;
  private final SocketChannel channel;

  /// Lines as they come; an empty one at the end.
  private final BlockingQueue<byte[]> lines = new ArrayBlockingQueue<>(MOST_LINES);

  private GuestAgent(Path socket, SocketChannel channel) {
    this.socket = socket;
    this.channel = channel;
  }

  /// How a program in the guest ended, and what it wrote.
  ///
  /// @param code its own, or 128 + signal
  /// @param complete whether all that it wrote is here
  public record Executed(int code, byte[] out, byte[] err, boolean complete) {
    /// What it said, for people: stderr, or else stdout, in one line.
    public String said() {
      String text = new String(err.length > 0 ? err : out, UTF_8).strip();
      return text.substring(0, Math.min(300, text.length())).replaceAll("\\s+", " ");
    }
  }

  /// Connects and waits until the agent answers.
  ///
  /// @throws QmpException TIMEOUT if it does not; the guest may still boot, or have no agent
  public static GuestAgent connect(Path socket, Duration atMost)
      throws QmpException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    String last = "nobody answered";
    while (true) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        throw QmpException.timeout(
            "no guest agent at " + socket + " in " + atMost.toMillis() + " ms: " + last);
      }
      try {
        GuestAgent agent = new GuestAgent(socket, UnixListener.connect(socket));
        try {
          Thread.ofVirtual().name("guest-agent " + socket.getFileName()).start(agent::reading);
          agent.sync(Duration.ofNanos(Math.min(left, TRY.toNanos())));
          return agent;
        } catch (IOException | InterruptedException | RuntimeException e) {
          agent.close();
          throw e;
        }
      } catch (IOException notYet) {
        last = String.valueOf(notYet.getMessage());
        Thread.sleep(PAUSE);
      }
    }
  }

  private void reading() {
    try {
      QmpLines in = new QmpLines(channel);
      for (byte[] line = in.next(); line != null; line = in.next()) {
        // What is beyond a few lines was never asked for: it is dropped, and the call times out.
        boolean _ = lines.offer(line);
      }
    } catch (IOException e) {
      // The end, as far as we are concerned.
    }
    while (!lines.offer(new byte[0])) {
      lines.poll();
    }
  }

  /// Sends 0xff, which makes the agent forget half a line, and waits for a line that can only be
  /// the answer to this.
  private void sync(Duration atMost) throws IOException, InterruptedException {
    long id = RANDOM.nextLong() >>> 12; // as large as the agent's JSON can hold exactly
    ObjectNode call = Json.mapper().createObjectNode().put("execute", "guest-sync-delimited");
    call.putObject("arguments").put("id", id);
    byte[] text = call.toString().getBytes(UTF_8);
    byte[] bytes = new byte[text.length + 2];
    bytes[0] = (byte) 0xff;
    System.arraycopy(text, 0, bytes, 1, text.length);
    bytes[bytes.length - 1] = '\n';
    write(bytes);
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      byte[] line = poll("guest-sync", until, atMost);
      JsonNode said = tryParse(line);
      if (said != null && said.path("return").isNumber() && said.path("return").asLong() == id) {
        return;
      }
    }
  }

  private static @Nullable JsonNode tryParse(byte[] line) {
    int from = 0;
    while (from < line.length && (line[from] & 0xff) == 0xff) {
      from++;
    }
    try {
      return Json.read(Arrays.copyOfRange(line, from, line.length), JsonNode.class);
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private byte[] poll(String call, long until, Duration atMost)
      throws QmpException, InterruptedException {
    byte[] line = lines.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
    if (line == null) {
      throw QmpException.timeout(
          "the guest agent did not answer '" + call + "' in " + atMost.toMillis() + " ms");
    }
    if (line.length == 0) {
      boolean _ = lines.offer(line);
      throw QmpException.closed("the connection to the guest agent at " + socket + " ended", null);
    }
    return line;
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(bytes);
    while (all.hasRemaining()) {
      channel.write(all);
    }
  }

  /// Asks one thing of the agent.
  ///
  /// @throws QmpException REFUSED if the agent said no; else the conversation is over
  public synchronized JsonNode call(String name, ObjectNode arguments, Duration atMost)
      throws QmpException, InterruptedException {
    ObjectNode call = Json.mapper().createObjectNode().put("execute", name);
    if (!arguments.isEmpty()) {
      call.set("arguments", arguments);
    }
    try {
      write((call + "\n").getBytes(UTF_8));
      byte[] line = poll(name, System.nanoTime() + atMost.toNanos(), atMost);
      JsonNode said = tryParse(line);
      if (said != null && said.has("return")) {
        return said.path("return");
      }
      if (said != null && said.has("error")) {
        throw QmpException.refused(
            name,
            said.path("error").path("class").asText(""),
            said.path("error").path("desc").asText(""));
      }
      throw QmpException.closed("the guest agent answered '" + name + "' with nonsense", null);
    } catch (QmpException e) {
      if (e.kind() != QmpException.Kind.REFUSED) {
        close();
      }
      throw e;
    } catch (IOException e) {
      close();
      throw QmpException.closed("the connection to the guest agent at " + socket + " ended", e);
    } catch (InterruptedException e) {
      close();
      throw e;
    }
  }

  public void ping(Duration atMost) throws QmpException, InterruptedException {
    call("guest-ping", Json.mapper().createObjectNode(), atMost);
  }

  /// Runs a program in the guest and waits for its end. It goes on when the time is over.
  ///
  /// @param command the program's path in the guest and its arguments
  /// @param input its stdin; small: it travels in one message
  public Executed execute(List<String> command, byte[] input, Duration atMost)
      throws QmpException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    ObjectNode arguments = Json.mapper().createObjectNode().put("path", command.getFirst());
    arguments.put("capture-output", true);
    command.stream().skip(1).forEach(arguments.withArray("arg")::add);
    if (input.length > 0) {
      arguments.put("input-data", Base64.getEncoder().encodeToString(input));
    }
    JsonNode pid = call("guest-exec", arguments, atMost).path("pid");
    long pause = 2;
    while (true) {
      ObjectNode which = Json.mapper().createObjectNode();
      which.set("pid", pid);
      long left = Math.max(1, until - System.nanoTime());
      JsonNode status = call("guest-exec-status", which, Duration.ofNanos(left));
      if (status.path("exited").asBoolean()) {
        int code =
            status.has("signal")
                ? 128 + status.path("signal").asInt()
                : status.path("exitcode").asInt();
        return new Executed(
            code,
            bytes(status, "out-data"),
            bytes(status, "err-data"),
            !status.path("out-truncated").asBoolean() && !status.path("err-truncated").asBoolean());
      }
      if (System.nanoTime() > until) {
        throw QmpException.timeout(
            "'"
                + command.getFirst()
                + "' did not end in the guest in "
                + atMost.toMillis()
                + " ms; it goes on");
      }
      Thread.sleep(pause);
      pause = Math.min(100, pause * 2);
    }
  }

  private static byte[] bytes(JsonNode status, String field) throws QmpException {
    try {
      return Base64.getDecoder().decode(status.path(field).asText(""));
    } catch (IllegalArgumentException e) {
      throw QmpException.closed("the guest agent sent output that is not base64", e);
    }
  }

  /// Writes a file in the guest, over what was there. A few megabytes a second: for small ones.
  public void writeFile(String path, byte[] data, Duration atMost)
      throws QmpException, InterruptedException {
    long until = System.nanoTime() + atMost.toNanos();
    ObjectNode open = Json.mapper().createObjectNode().put("path", path).put("mode", "w");
    JsonNode handle = call("guest-file-open", open, atMost);
    try {
      for (int at = 0; at < data.length; ) {
        int length = Math.min(PIECE, data.length - at);
        byte[] piece = Arrays.copyOfRange(data, at, at + length);
        ObjectNode write = Json.mapper().createObjectNode();
        write.set("handle", handle);
        write.put("buf-b64", Base64.getEncoder().encodeToString(piece));
        long left = Math.max(1, until - System.nanoTime());
        int count = call("guest-file-write", write, Duration.ofNanos(left)).path("count").asInt(-1);
        if (count <= 0 || count > length) {
          throw QmpException.closed("the guest agent wrote " + count + " bytes of a piece", null);
        }
        at += count;
      }
    } finally {
      if (channel.isOpen()) {
        ObjectNode close = Json.mapper().createObjectNode();
        close.set("handle", handle);
        call("guest-file-close", close, atMost);
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more either way.
    }
  }
}
