package io.atoll.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Exit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PluginMessageTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String RUN = "\"run\":\"t0123456789ab.1-7\"";
  private static final String ENDED =
      "{\"event\":\"status\",\"params\":{"
          + RUN
          + ",\"state\":\"ended\",\"cursor\":\"a\",\"output\":12,\"endpoints\":[\"80/tcp->127.0.0.1:8080\"],"
          + "\"exit\":{\"cause\":\"EXITED\",\"code\":3,\"detail\":\"\"},\"endedAt\":\"2025-12-31T23:00:00Z\"}}";

  private static PluginMessage of(String line) throws IOException {
    return PluginMessage.of(line.getBytes(UTF_8), NOW);
  }

  @Test
  void readsAnswersRefusalsAndEvents() throws Exception {
    assertThat(of("{\"id\":1,\"result\":{\"new\":1},\"later\":[]}"))
        .isInstanceOfSatisfying(PluginMessage.Answer.class, a -> assertThat(a.id()).isEqualTo(1));
    assertThat(of("{\"id\":2,\"error\":{\"code\":\"CONFLICT\",\"text\":\"no\",\"hint\":\"yes\"}}"))
        .isEqualTo(new PluginMessage.Refusal(2, ErrorCode.CONFLICT, "no", "yes"));
    assertThat(of("{\"id\":2,\"error\":{\"code\":\"OF_LATER\",\"text\":\"no\"}}"))
        .isEqualTo(new PluginMessage.Refusal(2, ErrorCode.INTERNAL, "no", ""));
    assertThat(of("{\"event\":\"output\",\"params\":{" + RUN + ",\"end\":5}}"))
        .isInstanceOfSatisfying(PluginMessage.Output.class, o -> assertThat(o.end()).isEqualTo(5));
    assertThat(of("{\"event\":\"of-later\",\"params\":{}}")).isEqualTo(new PluginMessage.Unknown());
    assertThat(of(ENDED))
        .isInstanceOfSatisfying(
            PluginMessage.Changed.class,
            changed -> {
              assertThat(changed.status().exit()).isEqualTo(Exit.of(3));
              assertThat(changed.status().endpoints()).hasSize(1);
            });
  }

  @Test
  void whatIsNoMessageSaysWhy() {
    for (String line :
        List.of(
            "",
            "no",
            "[1]",
            "{}",
            "{\"id\":0,\"result\":{}}",
            "{\"id\":1e3,\"result\":{}}",
            "{\"id\":99999999999999999999,\"result\":{}}",
            "{\"id\":1}",
            "{\"id\":1,\"result\":7}",
            "{\"id\":1,\"error\":{\"code\":\"CONFLICT\"}}",
            "{\"event\":\"output\",\"params\":{\"run\":\"../x\",\"end\":5}}",
            "{\"event\":\"output\",\"params\":{" + RUN + ",\"end\":-5}}",
            ENDED.replace("\"code\":3", "\"code\":256"),
            ENDED.replace("EXITED", "VANISHED"),
            ENDED.replace("\"exit\"", "\"exjt\""),
            ENDED.replace("ended\"", "odd\""),
            ENDED.replace("2025", "2027"),
            ENDED.replace("8080", "80800"),
            "{\"id\":1,\"result\":" + "[".repeat(5000) + "}")) {
      assertThatThrownBy(() -> of(line)).as(line).isInstanceOf(IOException.class);
    }
  }

  @Test
  void noTextSteersATerminal() throws Exception {
    String text = "\\u001b[31mred\\u202e\\ud800 " + "x".repeat(3000);
    assertThat(of("{\"id\":2,\"error\":{\"code\":\"GONE\",\"text\":\"" + text + "\"}}"))
        .isInstanceOfSatisfying(
            PluginMessage.Refusal.class,
            refusal -> {
              assertThat(refusal.text()).startsWith(" [31mred").hasSize(1000);
              assertThat(refusal.text().codePoints())
                  .allMatch(c -> !Character.isISOControl(c) && c != 0x202e);
            });
  }

  /// `-Datoll.fuzz.rounds=N -Datoll.fuzz.seed=S` for a long run.
  @Test
  void damagedLines() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 20_000);
    System.out.println("seed " + seed + ", " + rounds + " rounds");
    List<String> sound =
        List.of(
            ENDED,
            "{\"id\":17,\"result\":{\"protocol\":1,\"name\":\"x\",\"version\":\"1\",\"abilities\":[\"exec\"]}}",
            "{\"id\":3,\"error\":{\"code\":\"CONFLICT\",\"text\":\"\\u0041\",\"hint\":\"b\"}}",
            "{\"id\":4,\"result\":{\"kind\":\"frames\",\"here\":\"/run/a\",\"guest\":\"/run/b\"}}",
            "{\"id\":5,\"result\":{\"kind\":\"device\",\"socket\":\"/run/x/../c\"}}",
            "{\"event\":\"progress\",\"params\":{" + RUN + ",\"text\":\"layer 1 of 2\"}}",
            "{\"event\":\"output\",\"params\":{" + RUN + ",\"end\":9007199254740992}}");
    for (int round = 0; round < rounds; round++) {
      Random random = new Random(seed + round);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(4); i >= 0; i--) {
        text.append(sound.get(random.nextInt(sound.size()))).append('\n');
      }
      byte[] bytes = text.toString().getBytes(UTF_8);
      for (int i = random.nextInt(6); i > 0; i--) {
        bytes[random.nextInt(bytes.length)] =
            random.nextBoolean()
                ? (byte) "{}[]\":,\n0e-\\u".charAt(random.nextInt(13))
                : (byte) random.nextInt(256);
      }
      PluginLines lines = new PluginLines(Channels.newChannel(new ByteArrayInputStream(bytes)));
      try {
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
          try {
            PluginMessage message = PluginMessage.of(line, NOW);
            if (message instanceof PluginMessage.Answer answer) {
              judgeCard(answer);
              assertThat(PluginHello.of(answer.result()).abilities()).hasSizeLessThan(65);
            }
          } catch (IOException expected) {
            assertThat(expected.getMessage()).isNotNull();
          }
        }
      } catch (IOException | RuntimeException e) {
        throw new AssertionError("round seed " + (seed + round), e);
      }
    }
  }

  /// Whatever it says, no path is anywhere else.
  private static void judgeCard(PluginMessage.Answer answer) {
    Path run = Path.of("/run");
    try {
      List<Path> paths =
          switch (PluginCard.of(answer.result(), List.of(run))) {
            case PluginCard.Said.Frames(Path here, Path guest) -> List.of(here, guest);
            case PluginCard.Said.Device(Path socket) -> List.of(socket);
          };
      assertThat(paths).allMatch(path -> path.normalize().startsWith(run) && !path.equals(run));
    } catch (IOException expected) {
      assertThat(expected.getMessage()).isNotNull();
    }
  }
}
