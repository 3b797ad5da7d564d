package io.atoll.runtime.driver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.exec.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a driver keeps to whose activities can be entered with commands: see [Enterable].
public abstract class EnterableContract extends FilesContract {
  /// A script that says what a process is and may.
  protected String standing() {
    return "grep -E '^(Uid|Gid|Groups|Cap[A-Z][a-z]+|NoNewPrivs|Seccomp):' /proc/self/status;"
        + " for n in mnt pid ipc uts net user cgroup; do readlink /proc/self/ns/$n; done;"
        + " cat /proc/self/cgroup; ulimit -n; ulimit -Hn; ulimit -u; ulimit -f; ulimit -c; pwd;"
        + " hostname; ls /proc/self/fd | wc -l; id";
  }

  @Test
  void aCommandBesideThePayloadHasItsStreamsAndItsExit() throws Exception {
    Activity activity = start(spec(script("sleep 1000")));
    Beside said = beside(activity, null, "", "cat; echo out; echo err >&2; exit 7");
    assertThat(said.end()).isEqualTo(new ExecEnd(ExecEnd.Cause.EXITED, 0, 7, ""));
    assertThat(said.out()).isEqualTo("out\n");
    assertThat(said.err()).isEqualTo("err\n");
    Beside fed = beside(activity, null, "one\ntwo\n", "wc -l; read x; echo $?");
    assertThat(fed.out().strip()).startsWith("2").endsWith("1");
    assertThat(beside(activity, null, "", "kill -9 $$").end())
        .isEqualTo(new ExecEnd(ExecEnd.Cause.SIGNALED, 9, 137, ""));
  }

  @Test
  void aCommandThatDoesNotExistSaysSo() throws Exception {
    Activity activity = start(spec(script("sleep 1000")));
    ExecSpec nothing = new ExecSpec(sessionId(), List.of("/no/such/program"), Map.of(), null);
    ExecEnd end = converse(((Enterable) activity).exec(nothing), "").end();
    assertThat(end.code()).isIn(126, 127);
  }

  @Test
  void muchGoesThroughACommandBothWays() throws Exception {
    Activity activity = start(spec(script("sleep 1000")));
    String much = "0123456789abcde\n".repeat(200_000);
    Beside said = beside(activity, null, much, "cat");
    assertThat(said.out().length()).isEqualTo(much.length());
    assertThat(said.out()).isEqualTo(much);
  }

  @Test
  void aCommandIsNoMoreThanThePayload() throws Exception {
    String tell = standing();
    ActivitySpec spec = spec(script(tell + "; echo done; sleep 1000"));
    Activity activity = start(spec);
    awaitOutput(spec, "done\n");
    String payload = stdout(spec).replace("done\n", "");
    assertThat(payload).contains("CapEff", "NoNewPrivs", "user:[");
    assertThat(beside(activity, null, "", tell).out()).isEqualTo(payload);
  }

  @Test
  void aCommandHasATerminalOfTheSizeAskedFor() throws Exception {
    Activity activity = start(spec(script("sleep 1000")));
    Beside said =
        beside(
            activity,
            new TerminalSize(33, 101),
            "",
            // an engine may give the size a moment later
            "i=0; while [ \"$(stty size 2>/dev/null)\" != '33 101' ] && [ $i -lt 100 ];"
                + " do i=$((i+1)); sleep 0.02; done; stty size; [ -t 0 ] && [ -t 1 ] && tty");
    assertThat(said.out()).contains("33 101\r\n").contains("/dev/");
    assertThat(said.end().code()).isZero();
  }

  @Test
  void aCommandHearsThatItsTerminalHasANewSize() throws Exception {
    Activity activity = start(spec(script("sleep 1000")));
    String wait =
        "trap '[ \"$(stty size)\" != \"41 99\" ] || exit 4' WINCH;"
            + " echo ready; while :; do sleep 0.05; done";
    ExecSession session =
        ((Enterable) activity)
            .exec(
                new ExecSpec(
                    sessionId(),
                    List.of("/bin/sh", "-c", wait),
                    Map.of(),
                    new TerminalSize(20, 70)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExecConversation talk =
        new ExecConversation(() -> attach(session), null, out, new ByteArrayOutputStream());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ExecEnd> end = threads.submit(talk::run);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> end.isDone() || out.toString(UTF_8).contains("ready"));
      talk.resize(new TerminalSize(41, 99));
      assertThat(end.get().code()).as(out.toString(UTF_8)).isEqualTo(4);
    }
  }

  @Test
  void aSessionGoesOnOverARestartAndLosesNoByte() throws Exception {
    ActivitySpec spec = spec(script("sleep 1000"));
    Activity activity = start(spec);
    String id = sessionId();
    String count = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; done; read x; echo got $x";
    ((Enterable) activity).exec(new ExecSpec(id, List.of("/bin/sh", "-c", count), Map.of(), null));
    Enterable again = (Enterable) recoverAsRestarted(spec);
    AtomicInteger dials = new AtomicInteger();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    InputStream slow = new SlowInput("late\n");
    ExecEnd end =
        new ExecConversation(
                () -> {
                  ExecLine line = attach(again.session(id).orElseThrow());
                  return dials.incrementAndGet() < 4 ? new ShortLine(line, 3000) : line;
                },
                slow,
                out,
                new ByteArrayOutputStream())
            .run();
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 3000; i++) {
      expected.append(i).append('\n');
    }
    assertThat(out.toString(UTF_8)).isEqualTo(expected + "got late\n");
    assertThat(end.code()).isZero();
    assertThat(dials.get()).isGreaterThanOrEqualTo(4);
    assertThatThrownBy(() -> again.exec(new ExecSpec(id, List.of("/bin/true"), Map.of(), null)))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void aCommandEndsWithThePayload() throws Exception {
    ActivitySpec spec = spec(script("sleep 1000"));
    Activity activity = start(spec);
    ExecSession session =
        ((Enterable) activity)
            .exec(new ExecSpec(sessionId(), List.of("sleep", "1000"), Map.of(), null));
    Future<Beside> said;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      said = threads.submit(() -> converse(session, ""));
      Thread.sleep(300);
      activity.stop(Duration.ZERO);
      assertThat(said.get().end().code()).isEqualTo(137);
    }
    assertThatThrownBy(() -> beside(activity, null, "", "true"))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
  }

  @Test
  void noCommandBesideASuspendedPayload() throws Exception {
    Activity activity = start(spec(script("sleep 1000")));
    activity.suspend();
    assertThatThrownBy(() -> beside(activity, null, "", "true"))
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    activity.resume();
    assertThat(beside(activity, null, "", "echo ok").out()).isEqualTo("ok\n");
  }

  /// What a command beside a payload said.
  protected record Beside(String out, String err, ExecEnd end) {}

  protected Beside beside(
      Activity activity, @Nullable TerminalSize terminal, String input, String script)
      throws Exception {
    ExecSpec exec = new ExecSpec(sessionId(), List.of("/bin/sh", "-c", script), Map.of(), terminal);
    return converse(((Enterable) activity).exec(exec), input);
  }

  private static Beside converse(ExecSession session, String input) throws Exception {
    Copied said = talk(session, input.getBytes(UTF_8));
    return new Beside(said.text(), said.err(), said.end());
  }
}
