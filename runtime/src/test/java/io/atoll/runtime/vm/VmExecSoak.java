package io.atoll.runtime.vm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.TerminalSize;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.Recovered;
import io.atoll.runtime.process.ProcessDriver;
import io.atoll.runtime.process.ProcessSettings;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Commands in a whole machine, in one boot of an image that has nothing of ours.
@Tag("real")
@Timeout(1800)
class VmExecSoak {
  @TempDir Path folder;
  private @Nullable Activity machine;

  private VmDriver driver() throws Exception {
    Path runs = folder.resolve("runs");
    ProcessDriver processes = new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs));
    return new VmDriver(processes, TestImage.settings(folder), (run, phase) -> {});
  }

  @AfterEach
  void end() throws Exception {
    if (machine != null) {
      machine.destroy();
    }
  }

  private record Beside(String out, String err, ExecEnd end) {}

  private static ExecSpec spec(@Nullable TerminalSize terminal, String script) {
    String id = "s" + Long.toString(new SecureRandom().nextLong() >>> 1, 36) + "00000000";
    return new ExecSpec(id, List.of("/bin/sh", "-c", script), Map.of("MINE", "1"), terminal);
  }

  private static Beside converse(ExecSession session, InputStream input) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    ExecEnd end =
        new ExecConversation(
                () -> {
                  try {
                    return session.attach();
                  } catch (DriverException e) {
                    if (e.code() == ErrorCode.UNREACHABLE) {
                      throw new IOException(e.text(), e);
                    }
                    throw new AssertionError(e.text(), e);
                  }
                },
                input,
                out,
                err)
            .run();
    return new Beside(out.toString(UTF_8), err.toString(UTF_8), end);
  }

  private static Beside beside(
      Activity activity, @Nullable TerminalSize terminal, String input, String script)
      throws Exception {
    ExecSession session = ((Enterable) activity).exec(spec(terminal, script));
    return converse(session, new ByteArrayInputStream(input.getBytes(UTF_8)));
  }

  private static void awaitCommands(Activity activity) throws Exception {
    long began = System.nanoTime();
    while (true) {
      try {
        assertThat(beside(activity, null, "", "echo up").out()).isEqualTo("up\n");
        System.out.println(
            "vm: a command ran "
                + Duration.ofNanos(System.nanoTime() - began).toSeconds()
                + " s after its start");
        return;
      } catch (DriverException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE);
        assertThat(System.nanoTime() - began).isLessThan(Duration.ofMinutes(15).toNanos());
      }
    }
  }

  @Test
  void commandsInAMachine() throws Exception {
    RunId id = new RunId(TaskId.random(new SecureRandom()), new Epoch(1, 1));
    Workload workload =
        new Workload(
            "vm",
            "debian-12",
            List.of(),
            Map.of(),
            new Resources(1000, 512L << 20, 0),
            64,
            List.of(),
            false,
            Workload.Isolation.SANDBOX);
    ActivitySpec spec =
        new ActivitySpec(id, workload, folder.resolve("runs").resolve(id.toString()));
    Activity first = driver().prepare(spec).start();
    machine = first;
    awaitCommands(first);

    Beside said =
        beside(first, null, "one\ntwo\n", "id -u; pwd; echo $HOME $MINE; cat; echo e >&2; exit 7");
    assertThat(said.out()).isEqualTo("0\n/root\n/root 1\none\ntwo\n");
    assertThat(said.err()).isEqualTo("e\n");
    assertThat(said.end()).isEqualTo(new ExecEnd(ExecEnd.Cause.EXITED, 0, 7, ""));
    assertThat(beside(first, new TerminalSize(33, 101), "", "stty size; tty").out())
        .isEqualTo("33 101\r\n/dev/pts/0\r\n");
    String much = "0123456789abcde\n".repeat(100_000);
    assertThat(beside(first, null, much, "cat").out()).isEqualTo(much);

    ExecSpec count = spec(null, "seq 3000; read x; echo got $x");
    ((Enterable) first).exec(count);
    Activity again = ((Recovered.Found) driver().recover(spec)).activity();
    machine = again;
    ExecSession session = ((Enterable) again).session(count.id()).orElseThrow();
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 3000; i++) {
      expected.append(i).append('\n');
    }
    assertThat(converse(session, new ByteArrayInputStream("late\n".getBytes(UTF_8))).out())
        .isEqualTo(expected + "got late\n");

    again.suspend();
    assertThatThrownBy(() -> beside(again, null, "", "true"))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    again.resume();
    ExecSession sleeping = ((Enterable) again).exec(spec(null, "sleep 1000"));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Beside> last =
          threads.submit(() -> converse(sleeping, new ByteArrayInputStream(new byte[0])));
      Thread.sleep(1000);
      again.stop(Duration.ZERO);
      assertThat(last.get().end().code()).isEqualTo(137);
    }
    assertThatThrownBy(() -> beside(again, null, "", "true"))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }
}
