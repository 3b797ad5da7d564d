package io.atoll.runtime.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.json.Json;
import io.atoll.runtime.qemu.GuestAgent.Executed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client against a scripted guest, which may say anything.
@Timeout(30)
class GuestAgentTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration MOMENT = Duration.ofMillis(200);

  @TempDir Path folder;
  private ServerSocketChannel server;
  private Path socket;

  private interface Script {
    void play(Peer peer) throws Exception;
  }

  private record Peer(SocketChannel channel, QmpLines lines) {
    void say(String text) throws IOException {
      say(text.getBytes(UTF_8));
    }

    void say(byte[] bytes) throws IOException {
      channel.write(ByteBuffer.wrap(bytes));
    }

    JsonNode hear() throws IOException {
      byte[] line = lines.next();
      if (line == null) {
        throw new IOException("the client went away");
      }
      int from = line[0] == (byte) 0xff ? 1 : 0;
      return Json.read(Arrays.copyOfRange(line, from, line.length), JsonNode.class);
    }

    void sync() throws IOException {
      JsonNode call = hear();
      assertThat(call.path("execute").asText()).isEqualTo("guest-sync-delimited");
      byte[] answer =
          (" {\"return\": " + call.path("arguments").path("id") + "}\n").getBytes(UTF_8);
      answer[0] = (byte) 0xff;
      say(answer);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    socket = folder.resolve("agent");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void play(Script script) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (server.isOpen()) {
                try (SocketChannel channel = server.accept()) {
                  script.play(new Peer(channel, new QmpLines(channel)));
                } catch (AsynchronousCloseException over) {
                  return;
                } catch (Exception e) {
                  // The client dropped it: the next.
                }
              }
            });
  }

  @Test
  void oldAnswersAreNotTakenForNewOnes() throws Exception {
    play(
        peer -> {
          peer.say("{\"return\": 1}\nhalf a li");
          peer.say("ne\n{\"return\": {}}\n");
          peer.sync();
          assertThat(peer.hear().path("execute").asText()).isEqualTo("guest-ping");
          peer.say("{\"return\": {}}\n");
          peer.hear();
        });
    try (GuestAgent agent = GuestAgent.connect(socket, LONG)) {
      agent.ping(LONG);
    }
  }

  @Test
  void runsAProgramToItsEnd() throws Exception {
    String out = Base64.getEncoder().encodeToString("out\n".getBytes(UTF_8));
    play(
        peer -> {
          peer.sync();
          JsonNode call = peer.hear();
          assertThat(call.path("arguments").path("path").asText()).isEqualTo("/bin/sh");
          assertThat(call.path("arguments").path("arg").get(1).asText()).isEqualTo("exit 3");
          assertThat(call.path("arguments").path("input-data").asText()).isEqualTo("aQ==");
          peer.say("{\"return\": {\"pid\": 12}}\n");
          assertThat(peer.hear().path("arguments").path("pid").asInt()).isEqualTo(12);
          peer.say("{\"return\": {\"exited\": false}}\n");
          peer.hear();
          peer.say(
              "{\"return\": {\"exited\": true, \"exitcode\": 3, \"out-data\": \"" + out + "\"}}\n");
          peer.hear();
          peer.say("{\"return\": {\"pid\": 13}}\n");
          peer.hear();
          peer.say("{\"return\": {\"exited\": true, \"signal\": 9, \"err-truncated\": true}}\n");
          peer.hear();
        });
    try (GuestAgent agent = GuestAgent.connect(socket, LONG)) {
      Executed done = agent.execute(List.of("/bin/sh", "-c", "exit 3"), "i".getBytes(UTF_8), LONG);
      assertThat(done.code()).isEqualTo(3);
      assertThat(done.said()).isEqualTo("out");
      assertThat(done.complete()).isTrue();
      Executed killed = agent.execute(List.of("/bin/true"), new byte[0], LONG);
      assertThat(killed.code()).isEqualTo(137);
      assertThat(killed.complete()).isFalse();
    }
  }

  @Test
  void writesAFileInPieces() throws Exception {
    byte[] data = new byte[120_000];
    new Random(3).nextBytes(data);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    play(
        peer -> {
          peer.sync();
          assertThat(peer.hear().path("arguments").path("mode").asText()).isEqualTo("w");
          peer.say("{\"return\": 1000}\n");
          for (JsonNode call = peer.hear();
              call.path("execute").asText().equals("guest-file-write");
              call = peer.hear()) {
            byte[] piece =
                Base64.getDecoder().decode(call.path("arguments").path("buf-b64").asText());
            int taken = Math.min(piece.length, 40_000); // a short write
            written.write(piece, 0, taken);
            peer.say("{\"return\": {\"count\": " + taken + ", \"eof\": false}}\n");
          }
          peer.say("{\"return\": {}}\n");
          peer.hear();
        });
    try (GuestAgent agent = GuestAgent.connect(socket, LONG)) {
      agent.writeFile("/tmp/x", data, LONG);
    }
    assertThat(written.toByteArray()).isEqualTo(data);
  }

  @Test
  void aRefusalLeavesTheConversation() throws Exception {
    play(
        peer -> {
          peer.sync();
          peer.hear();
          peer.say("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"disabled\"}}\n");
          peer.hear();
          peer.say("{\"return\": {}}\n");
          peer.hear();
        });
    try (GuestAgent agent = GuestAgent.connect(socket, LONG)) {
      assertThatThrownBy(() -> agent.ping(LONG))
          .hasMessageContaining("disabled")
          .isInstanceOfSatisfying(
              QmpException.class, e -> assertThat(e.kind()).isEqualTo(QmpException.Kind.REFUSED));
      agent.ping(LONG);
    }
  }

  @Test
  void silenceEndsTheConversation() throws Exception {
    play(
        peer -> {
          peer.sync();
          peer.hear();
          peer.hear();
        });
    try (GuestAgent agent = GuestAgent.connect(socket, LONG)) {
      assertThatThrownBy(() -> agent.ping(MOMENT)).hasMessageContaining("did not answer");
      assertThatThrownBy(() -> agent.ping(LONG))
          .isInstanceOfSatisfying(
              QmpException.class, e -> assertThat(e.kind()).isEqualTo(QmpException.Kind.CLOSED));
    }
    assertThatThrownBy(() -> GuestAgent.connect(folder.resolve("nobody"), MOMENT))
        .hasMessageContaining("no guest agent at");
  }

  /// A guest that answers with anything; more with `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S`.
  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // each round has a limit of its own
  void nonsenseEndsInAnErrorAndNothingElse() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 300);
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    System.out.println("guest agent: seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    List<String> answers =
        List.of(
            "{\"return\": {\"pid\": 12}}\n",
            "{\"return\": {\"exited\": true, \"exitcode\": 3, \"out-data\": \"b3V0\"}}\n",
            "{\"return\": {\"exited\": true, \"out-data\": \"%%%\"}}\n",
            "{\"error\": {\"class\": \"x\", \"desc\": 7}}\n",
            "{\"return\": [[[[[[[[1]]]]]]]]}\n");
    play(
        peer -> {
          peer.sync();
          while (true) {
            peer.hear();
            byte[] answer = answers.get(random.nextInt(answers.size())).getBytes(UTF_8);
            for (int flips = random.nextInt(4); flips > 0; flips--) {
              answer[random.nextInt(answer.length - 1)] = (byte) random.nextInt(256);
            }
            peer.say(answer);
          }
        });
    int answered = 0;
    for (int round = 0; round < rounds; round++) {
      try (GuestAgent agent = GuestAgent.connect(socket, LONG)) {
        agent.execute(List.of("/bin/true"), new byte[0], Duration.ofMillis(100));
        answered++;
      } catch (QmpException expected) {
        assertThat(expected.getMessage()).isNotEmpty();
      }
    }
    System.out.println("guest agent: " + answered + " answered");
  }
}
