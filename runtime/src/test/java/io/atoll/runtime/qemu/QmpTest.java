package io.atoll.runtime.qemu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.testing.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client against a scripted QEMU that answers late, wrongly, or not at all.
@Timeout(20)
class QmpTest {
  private static final String GREETING =
      "{\"QMP\":{\"version\":{\"qemu\":{\"major\":7,\"minor\":2,\"micro\":22}},"
          + "\"capabilities\":[\"oob\"]}}\r\n";
  private static final Duration LONG = Duration.ofSeconds(10);

  @TempDir Path folder;
  private ServerSocketChannel server;
  private Path socket;

  /// What the scripted QEMU does with one connection.
  private interface Script {
    void play(Peer peer) throws Exception;
  }

  private record Peer(SocketChannel channel, QmpLines lines) {
    void say(String text) throws IOException {
      channel.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    String hear() throws IOException {
      byte[] line = lines.next();
      return line == null ? "" : new String(line, UTF_8);
    }

    void greet() throws IOException {
      say(GREETING);
      assertThat(hear()).contains("qmp_capabilities");
      say("{\"return\": {}, \"id\": 1}\r\n");
    }
  }

  @BeforeEach
  void listen() throws IOException {
    socket = folder.resolve("qmp");
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
              try (SocketChannel channel = server.accept()) {
                script.play(new Peer(channel, new QmpLines(channel)));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
  }

  @Test
  void answersFindTheirQuestionsInAnyOrder() throws Exception {
    play(
        peer -> {
          peer.greet();
          String first = peer.hear();
          String second = peer.hear();
          for (String line : List.of(second, first)) {
            long id = id(line);
            peer.say("{\"return\": {\"name\": \"" + id + "\"}, \"id\": " + id + "}\n");
          }
          peer.hear();
        });
    try (Qmp qmp = Qmp.connect(socket, LONG, event -> {})) {
      assertThat(qmp.version()).isEqualTo("7.2.22");
      List<String> names = new CopyOnWriteArrayList<>();
      Thread other =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      names.add(qmp.execute("query-name", LONG).path("name").asText());
                    } catch (IOException | InterruptedException e) {
                      names.add(e.toString());
                    }
                  });
      names.add(qmp.execute("query-status", LONG).path("name").asText());
      other.join();
      assertThat(names).containsExactlyInAnyOrder("2", "3");
    }
  }

  private static long id(String line) throws IOException {
    JsonNode node = io.atoll.core.json.Json.read(line, JsonNode.class);
    return node.path("id").asLong();
  }

  @Test
  void aRefusalSaysWhatAndWhy() throws Exception {
    play(
        peer -> {
          peer.greet();
          peer.hear();
          peer.say(
              "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such\"}, \"id\": 2}\n");
          peer.hear();
        });
    try (Qmp qmp = Qmp.connect(socket, LONG, event -> {})) {
      assertThatThrownBy(() -> qmp.execute("nonsense"))
          .isInstanceOfSatisfying(
              QmpException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(QmpException.Kind.REFUSED);
                assertThat(e.errorClass()).isEqualTo("CommandNotFound");
              })
          .hasMessage("QEMU refused 'nonsense': no such");
    }
  }

  @Test
  void silenceEndsInTimeAndALateAnswerDisturbsNobody() throws Exception {
    play(
        peer -> {
          peer.greet();
          peer.hear();
          String second = peer.hear();
          peer.say("{\"return\": {\"late\": true}, \"id\": 2}\n");
          peer.say("{\"return\": {\"late\": false}, \"id\": " + id(second) + "}\n");
          peer.hear();
        });
    try (Qmp qmp = Qmp.connect(socket, LONG, event -> {})) {
      assertThatThrownBy(() -> qmp.execute("stop", Duration.ofMillis(50)))
          .isInstanceOfSatisfying(
              QmpException.class, e -> assertThat(e.kind()).isEqualTo(QmpException.Kind.TIMEOUT))
          .hasMessageContaining("'stop'");
      assertThat(qmp.execute("cont", LONG).path("late").asBoolean(true)).isFalse();
    }
  }

  @Test
  void anInterruptEndsTheWaitNotTheConnection() throws Exception {
    play(
        peer -> {
          peer.greet();
          peer.hear();
          peer.say("{\"return\": {\"status\": \"running\"}, \"id\": " + id(peer.hear()) + "}\n");
          peer.hear();
        });
    try (Qmp qmp = Qmp.connect(socket, LONG, event -> {})) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> qmp.execute("stop")).isInstanceOf(InterruptedException.class);
      assertThat(qmp.execute("query-status").path("status").asText()).isEqualTo("running");
    }
  }

  @Test
  void eventsComeInOrderAndTheEndEndsAllWaits() throws Exception {
    play(
        peer -> {
          peer.greet();
          peer.hear();
          peer.say("{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1}}\n");
          peer.say("{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true}}\n");
        });
    List<String> events = new CopyOnWriteArrayList<>();
    try (Qmp qmp = Qmp.connect(socket, LONG, event -> events.add(event.name()))) {
      assertThatThrownBy(() -> qmp.execute("quit"))
          .isInstanceOfSatisfying(
              QmpException.class, e -> assertThat(e.kind()).isEqualTo(QmpException.Kind.CLOSED));
      assertThat(events).containsExactly("STOP", "SHUTDOWN");
      assertThat(qmp.awaitEnd(LONG)).isTrue();
      assertThatThrownBy(() -> qmp.execute("stop")).hasMessageContaining("has ended");
    }
  }

  @Test
  void aLineWithoutEndIsCutOff() throws Exception {
    play(
        peer -> {
          peer.greet();
          byte[] much = new byte[1 << 20];
          java.util.Arrays.fill(much, (byte) ' ');
          for (int i = 0; i < 8 && peer.channel().isConnected(); i++) {
            peer.channel().write(ByteBuffer.wrap(much));
          }
        });
    try (Qmp qmp = Qmp.connect(socket, LONG, event -> {})) {
      assertThat(qmp.awaitEnd(LONG)).isTrue();
    }
  }

  @Test
  void aQemuThatDoesNotGreetIsGivenUp() throws Exception {
    play(peer -> peer.hear());
    assertThatThrownBy(() -> Qmp.connect(socket, Duration.ofMillis(80), event -> {}))
        .hasMessageContaining("did not answer the greeting");
    assertThatThrownBy(
            () -> Qmp.connect(folder.resolve("none"), Duration.ofMillis(30), event -> {}))
        .hasMessageContaining("no QEMU listens");
  }

  /// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for a long run.
  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS) // each round has a limit of its own
  void damagedLines() {
    List<String> sound =
        List.of(
            GREETING,
            "{\"return\": {\"status\": \"running\", \"running\": true}, \"id\": 17}\n",
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": 3}\n",
            "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"x\"}}\n");
    List<byte[]> samples = sound.stream().map(text -> text.getBytes(UTF_8)).toList();
    Fuzz.rounds(
        "qmp",
        20_000,
        random -> {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          for (int i = random.nextInt(4); i >= 0; i--) {
            bytes.writeBytes(
                random.nextInt(3) == 0
                    ? samples.get(random.nextInt(samples.size()))
                    : Fuzz.bytes(random, samples));
          }
          QmpLines lines =
              new QmpLines(Channels.newChannel(new ByteArrayInputStream(bytes.toByteArray())));
          for (byte[] line = lines.next(); line != null; line = lines.next()) {
            try {
              assertThat(QmpMessage.of(line)).isNotNull();
            } catch (IOException expected) {
              assertThat(expected.getMessage()).isNotNull();
            }
          }
        });
  }
}
