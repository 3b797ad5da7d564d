package io.atoll.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.exec.ChannelLine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Connects to one session: the request `join` and its answer, each a line, and then
/// frames of `io.atoll.core.exec`.
final class PluginExecLine {
  private static final Duration JOIN = Duration.ofSeconds(10);

  private PluginExecLine() {}

  /// @throws DriverException GONE once the session has ended; NOT_READY where the runtime is away
  static ExecLine join(PluginDriver driver, RunId run, String session) throws DriverException {
    String tried = "could not connect to session " + session + " of run " + run;
    SocketChannel channel = null;
    CountDownLatch answered = new CountDownLatch(1);
    try {
      channel = driver.service().another();
      closeUnless(answered, channel);
      ObjectNode request = PluginLink.params().put("id", 1).put("method", "join");
      request.set("params", PluginLink.params(run).put("session", session));
      ByteBuffer bytes = ByteBuffer.wrap((request + "\n").getBytes(UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      refusal(driver.name(), tried, PluginMessage.of(line(channel), Instant.now()));
      SocketChannel joined = channel;
      channel = null;
      return new ChannelLine(joined);
    } catch (IOException e) {
      throw new DriverException(
          ErrorCode.NOT_READY,
          tried + " by runtime " + driver.name() + ": " + PluginLink.oneLine(e),
          "it is tried again",
          e);
    } finally {
      answered.countDown();
      if (channel != null) {
        closeQuietly(channel);
      }
    }
  }

  private static void refusal(String name, String tried, PluginMessage message)
      throws DriverException, IOException {
    switch (message) {
      case PluginMessage.Answer _ -> {}
      case PluginMessage.Refusal(_, ErrorCode code, String text, String hint) ->
          throw new DriverException(
              code == ErrorCode.NOT_FOUND ? ErrorCode.GONE : code,
              tried + ": runtime " + name + ": " + text,
              hint);
      case PluginMessage.Output _,
          PluginMessage.Progress _,
          PluginMessage.Changed _,
          PluginMessage.Unknown _ ->
          throw new IOException("an event came where an answer was due");
    }
  }

  /// Not a byte more than the line is read: what follows belongs to the frames.
  private static byte[] line(SocketChannel channel) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (line.size() < 4096) {
      one.clear();
      if (channel.read(one) < 0) {
        throw new IOException("it closed the connection");
      }
      if (one.get(0) == '\n') {
        return line.toByteArray();
      }
      line.write(one.get(0));
    }
    throw new IOException("an answer that is too long");
  }

  private static void closeUnless(CountDownLatch answered, SocketChannel channel) {
    Thread.ofVirtual()
        .name("runtime-join")
        .start(
            () -> {
              try {
                if (!answered.await(JOIN.toMillis(), TimeUnit.MILLISECONDS)) {
                  closeQuietly(channel);
                }
              } catch (InterruptedException e) {
                closeQuietly(channel);
              }
            });
  }

  private static void closeQuietly(@Nullable SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // It is not used any more, however it ended.
    }
  }
}
