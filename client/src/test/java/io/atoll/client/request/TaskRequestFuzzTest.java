package io.atoll.client.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskSpec;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random requests: each becomes a specification that can be stored and read again, or a refusal
/// with a code of the caller's kind and a hint. Nothing else comes out.
///
/// A long run: `-Datoll.fuzz.rounds=1000000 -Datoll.fuzz.seed=S`.
class TaskRequestFuzzTest {
  private static final long SEED = Long.getLong("atoll.fuzz.seed", System.nanoTime());
  private static final int ROUNDS = Integer.getInteger("atoll.fuzz.rounds", 20_000);
  private static final List<String> FIELDS =
      List.of(
          "name",
          "driver",
          "image",
          "command",
          "env",
          "cpus",
          "memory",
          "disk",
          "priority",
          "node",
          "ports",
          "publishAll",
          "restart",
          "faultAttempts",
          "onDisconnect",
          "timeLimit",
          "grace",
          "maxProcesses",
          "unsandboxed",
          "hostname",
          "sshKeys",
          "userData",
          "bogus",
          "");
  private static final List<String> TEXTS =
      List.of(
          "x",
          "",
          " ",
          "web-1",
          "docker",
          "process",
          "debian:12",
          "512M",
          "4Gi",
          "1.5",
          "-1",
          "1e9",
          "2h30m",
          "0",
          "never",
          "always:3",
          "keep",
          "80",
          "53/udp",
          "a\\nb",
          "\\u0000",
          "\\ud800",
          "\\u202e",
          "99999999999999999999",
          "t0123456789ab",
          "NaN",
          "Infinity",
          "0x10",
          "１２",
          "9E",
          "1e-400");

  @Test
  void everyRequestIsTakenOrRefusedProperly() {
    System.out.println("seed " + SEED + ", rounds " + ROUNDS);
    Random random = new Random(SEED);
    int taken = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] json = request(random).getBytes(StandardCharsets.UTF_8);
      if (random.nextInt(4) == 0 && json.length > 0) {
        json[random.nextInt(json.length)] = (byte) random.nextInt(256);
      }
      taken += check(json, round) ? 1 : 0;
    }
    assertThat(taken).as("requests taken, seed " + SEED).isGreaterThan(ROUNDS / 100);
  }

  private static boolean check(byte[] json, int round) {
    String where =
        "seed " + SEED + " round " + round + ": " + new String(json, StandardCharsets.UTF_8);
    try {
      TaskSpec spec = TaskMapping.spec(TaskMapping.read(json));
      assertThat(Json.read(Json.bytes(spec), TaskSpec.class)).as(where).isEqualTo(spec);
      return true;
    } catch (AtollException e) {
      assertThat(e.code().kind()).as(where).isEqualTo(ErrorCode.Kind.CALLER);
      assertThat(e.hint()).as(where).isNotBlank();
      assertThat(e.text().codePoints().noneMatch(Shown::hidden))
          .as(where + " → " + e.text())
          .isTrue();
      assertThat(e.text().length()).as(where).isLessThan(400);
    } catch (Exception e) {
      throw new AssertionError(where, e);
    }
    return false;
  }

  private static String request(Random random) {
    StringBuilder json = new StringBuilder("{");
    int fields = random.nextInt(6);
    if (random.nextBoolean()) {
      json.append("\"command\":[\"x\"]");
      fields = random.nextInt(3);
    }
    for (int i = 0; i < fields; i++) {
      json.append(json.length() > 1 ? "," : "")
          .append('"')
          .append(any(FIELDS, random))
          .append("\":");
      value(json, random, 0);
    }
    return json.append('}').toString();
  }

  private static void value(StringBuilder json, Random random, int depth) {
    switch (random.nextInt(depth > 3 ? 5 : 8)) {
      case 0 -> json.append(random.nextInt());
      case 1 -> json.append(random.nextBoolean());
      case 2 ->
          json.append(random.nextInt(100))
              .append(any(List.of("", ".5", "e3", "e400", "e-400"), random));
      case 3 -> json.append("null");
      case 4, 5 -> json.append('"').append(any(TEXTS, random)).append('"');
      case 6 -> {
        json.append('[');
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
          json.append(i > 0 ? "," : "");
          value(json, random, depth + 1);
        }
        json.append(']');
      }
      default -> {
        json.append("{\"").append(any(TEXTS, random)).append("\":");
        value(json, random, depth + 1);
        json.append('}');
      }
    }
  }

  private static String any(List<String> texts, Random random) {
    return texts.get(random.nextInt(texts.size()));
  }
}
