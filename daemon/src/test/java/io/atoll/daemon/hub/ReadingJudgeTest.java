package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.NodeView;
import io.atoll.core.identity.Identity;
import io.atoll.core.json.Json;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.MachineMessage;
import io.atoll.market.activity.MachineMessage.Facts;
import io.atoll.market.activity.RunState;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a node says that cannot be is refused or brought back to its bounds, and told.
class ReadingJudgeTest {
  private static final String HONEST =
      "{\"type\":\"facts\",\"cpu\":{\"architecture\":\"x86\",\"bits\":[32,64],\"cores\":4,"
          + "\"threads\":8,\"model\":\"Example\"},\"memoryFree\":1073741824,"
          + "\"memory\":17179869184,\"memoryAvailable\":8589934592,\"diskFree\":53687091200,"
          + "\"disk\":107374182400,\"diskAvailable\":60000000000,\"diskKind\":\"SSD\","
          + "\"system\":\"Debian\",\"kernel\":\"Linux 6.1\",\"hostname\":\"ada\",\"gpus\":[{"
          + "\"vendor\":\"nvidia\",\"vendorId\":\"10de\",\"memory\":-1,\"renders\":true}]}";

  private final ReadingJudge judge = new ReadingJudge();
  private final NodeView node =
      new NodeView(
          Identity.generate().id(),
          "ada",
          "ONLINE",
          "0.1",
          "linux",
          "amd64",
          new Resources(8000, 12L << 30, 50L << 30),
          new Resources(8000, 12L << 30, 50L << 30),
          List.of(),
          List.of(),
          0,
          null,
          Instant.EPOCH,
          Instant.EPOCH);

  private MachineView judged(Facts facts) throws ReadingJudge.Implausible {
    return judge.machine(node, Instant.EPOCH, facts);
  }

  private static Facts honest() throws IOException {
    return (Facts) Json.read(HONEST, MachineMessage.class);
  }

  /// With one field otherwise.
  private static Facts with(String field, String json) throws IOException {
    ObjectNode tree = (ObjectNode) Json.mapper().readTree(HONEST);
    ObjectNode in = tree;
    String name = field;
    if (field.startsWith("cpu.")) {
      in = (ObjectNode) tree.get("cpu");
      name = field.substring(4);
    }
    in.set(name, Json.mapper().readTree(json));
    return (Facts) Json.read(tree.toString(), MachineMessage.class);
  }

  @Test
  void whatIsHonestIsShownAsItIs() throws Exception {
    MachineView view = judged(honest());
    assertThat(judge.corrections()).isEmpty();
    assertThat(view.cpu().toString())
        .isEqualTo("CpuView[architecture=x86, bit=[32, 64], cores=4, threads=8]");
    assertThat(view.mem().gib()).isEqualTo(1.0);
    assertThat(view.mem().total()).isEqualTo(16.0);
    assertThat(view.storage().gib()).isEqualTo(50.0);
    assertThat(view.os().name()).isEqualTo("Debian");
    assertThat(view.gpu()).singleElement().satisfies(gpu -> assertThat(gpu.gib()).isNull());
    assertThat(view.host().diskKind()).isEqualTo("SSD");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpu|null|no processor",
        "cpu.threads|0|0 logical processors",
        "cpu.threads|-8|-8 logical processors",
        "cpu.threads|2000000000|2000000000 logical processors",
        "cpu.cores|0|0 cores",
        "cpu.cores|9|9 cores of 8",
        "cpu.bits|[16]|16 bits wide",
        "cpu.bits|[null]|null bits wide",
        "cpu.bits|[]|no width",
        "cpu.bits|null|no width",
        "cpu.architecture|\"\"|no architecture",
        "cpu.architecture|null|no architecture",
        "memory|-1|memory is -1 bytes",
        "memory|9223372036854775807|memory is 9223372036854775807 bytes",
        "memoryFree|-5|free memory is -5 bytes",
        "memoryAvailable|-5|available memory is -5 bytes",
        "disk|-1|disk is -1 bytes",
        "diskFree|-1|free disk is -1 bytes",
        "diskAvailable|-1|available disk is -1 bytes"
      })
  void whatNoMachineIsIsRefused(String field, String json, String words) {
    assertThatThrownBy(() -> judged(with(field, json)))
        .isInstanceOf(ReadingJudge.Implausible.class)
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memoryFree|17179869184|free memory",
        "diskFree|107374182400|free disk",
        "memoryAvailable|9223372036854775807|available memory",
        "diskAvailable|9223372036854775807|available disk",
        "diskKind|\"TAPE\"|kind of disk"
      })
  void whatIsBeyondItsBoundIsBroughtBackAndTold(String field, String json, String words)
      throws Exception {
    MachineView view = judged(with(field, json));
    assertThat(judge.corrections()).singleElement().asString().contains(words);
    assertThat(view.mem().gib()).isLessThanOrEqualTo(12); // more it does not offer
    assertThat(view.storage().gib()).isLessThanOrEqualTo(50);
    assertThat(view.host().memoryAvailable()).isLessThanOrEqualTo(view.host().memory());
    assertThat(view.host().diskAvailable()).isLessThanOrEqualTo(view.host().disk());
    assertThat(view.host().diskKind()).isIn("SSD", "UNKNOWN");
  }

  @Test
  void hugeAndHiddenTextsAreCutAndShownPlainly() throws Exception {
    String huge = "\"" + "x".repeat(100_000) + "\"";
    for (String field : List.of("system", "kernel", "hostname", "cpu.model", "cpu.architecture")) {
      MachineView view = judged(with(field, huge));
      assertThat(view.toString().length()).as(field).isLessThan(2000);
    }
    assertThat(judge.corrections()).hasSize(5).allMatch(words -> words.length() < 200);
    assertThat(judged(with("system", "\"a\\u001b[2Jb\\u202ec\"")).os().name())
        .isEqualTo("a\ufffd[2Jb\ufffdc");
    assertThat(judged(with("system", "null")).os().name()).isEmpty();
  }

  @Test
  void aThousandGraphicsDevicesAreNone() throws Exception {
    String one = "{\"vendor\":\"nvidia\",\"memory\":1,\"renders\":true}";
    Facts many = with("gpus", "[" + String.join(",", Collections.nCopies(1000, one)) + "]");
    assertThatThrownBy(() -> judged(many)).hasMessageContaining("1000 graphics");
    assertThatThrownBy(() -> judged(with("gpus", "[null]")))
        .isInstanceOf(ReadingJudge.Implausible.class);
    assertThat(judged(with("gpus", "null")).gpu()).isEmpty();
  }

  private NodeUsage usage(double cpu, List<Double> load, long available, long uptime)
      throws ReadingJudge.Implausible {
    return judge.usage(
        Instant.EPOCH,
        new MachineMessage.Usage(
            cpu, load, 4L << 30, available, 8L << 30, 2L << 30, uptime, "MAINS"));
  }

  @Test
  void useIsJudgedLikewise() throws Exception {
    NodeUsage honest = usage(0.25, List.of(1.0, 2.0, 3.0), 1L << 30, 60);
    assertThat(honest.mem().used()).isEqualTo(3.0);
    assertThat(honest.storage().used()).isEqualTo(6.0);
    assertThat(honest.uptimeSeconds()).isEqualTo(60);
    assertThat(usage(0, List.of(), 0, -1).uptimeSeconds()).isNull();
    assertThat(judge.corrections()).isEmpty();
    assertThat(usage(1e9, List.of(), 0, 0).cpu()).isEqualTo(1.0);
    assertThat(usage(-3, List.of(), 0, 0).cpu()).isEqualTo(0.0);
    assertThat(usage(0, List.of(), Long.MAX_VALUE, 0).mem().used()).isEqualTo(0.0);
    assertThat(judge.corrections()).hasSize(3);

    for (double cpu : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> usage(cpu, List.of(), 0, 0)).hasMessageContaining("busy");
    }
    for (List<Double> load :
        Stream.of(List.of(1.0), List.of(-1.0, 0.0, 0.0), List.of(Double.NaN, 0.0, 0.0)).toList()) {
      assertThatThrownBy(() -> usage(0, load, 0, 0)).hasMessageContaining("load");
    }
    assertThatThrownBy(() -> usage(0, List.of(), -1, 0)).hasMessageContaining("-1 bytes");
    assertThatThrownBy(() -> usage(0, List.of(), 0, Long.MAX_VALUE)).hasMessageContaining("up for");
  }

  @Test
  void tasksAreNamedByTheHubAndCounted() throws Exception {
    TaskId task = new TaskId("t0123456789ab");
    MachineMessage.Running running =
        new MachineMessage.Running(
            task, new Epoch(1, 7), "process", RunState.RUNNING, new Resources(500, 1, 0));
    NodeTasks tasks =
        judge.tasks(Map.of(task, "svc"), new MachineMessage.Tasks(List.of(running), 3));
    assertThat(tasks.tasks())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.name()).isEqualTo("svc");
              assertThat(one.state()).isEqualTo("RUNNING");
            });
    assertThat(tasks.others()).isEqualTo(3);
    assertThatThrownBy(() -> judge.tasks(Map.of(), new MachineMessage.Tasks(null, -1)))
        .hasMessageContaining("-1 tasks");
    assertThatThrownBy(
            () ->
                judge.tasks(
                    Map.of(), new MachineMessage.Tasks(Collections.nCopies(5000, running), 0)))
        .hasMessageContaining("5000 tasks");
  }

  /// Whatever parses is either refused, or shown within bounds.
  @Test
  void whateverIsSaidIsBounded() {
    long seed = Long.getLong("atoll.fuzz.seed", System.nanoTime());
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 3000);
    Random random = new Random(seed);
    int shown = 0;
    for (int round = 0; round < rounds; round++) {
      StringBuilder text = new StringBuilder(HONEST);
      for (int i = 0; i <= random.nextInt(3); i++) {
        int at = random.nextInt(text.length());
        text.setCharAt(at, "0123456789-e.\"[]{},:n".charAt(random.nextInt(21)));
      }
      try {
        if (Json.read(text.toString(), MachineMessage.class) instanceof Facts facts) {
          MachineView view = new ReadingJudge().machine(node, Instant.EPOCH, facts);
          shown++;
          assertThat(view.cpu().cores()).isBetween(1, view.cpu().threads());
          assertThat(view.mem().gib()).isBetween(0.0, view.mem().total());
          assertThat(view.storage().gib()).isBetween(0.0, 50.0);
        }
      } catch (IOException | ReadingJudge.Implausible refused) {
        // as it should be
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + " round " + round + ": " + text, e);
      }
    }
    assertThat(shown).isPositive();
  }
}
