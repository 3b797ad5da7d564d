package io.atoll.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.exec.ExecConversation;
import io.atoll.core.exec.ExecEnd;
import io.atoll.core.exec.ExecLine;
import io.atoll.core.json.Json;
import io.atoll.core.os.Children;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.driver.Enterable;
import io.atoll.runtime.driver.ExecSession;
import io.atoll.runtime.driver.ExecSpec;
import io.atoll.runtime.driver.OutputRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The parts of the example runtime are killed under a daemon that goes on.
@Tag("real")
@Timeout(180)
@EnabledOnOs(OS.LINUX)
class ExampleRuntimeKilledTest {
  @TempDir Path folder;
  private ExampleRuntime runtime;
  private PluginDriver driver;

  private PluginDriver driver() throws Exception {
    runtime = new ExampleRuntime(folder.resolve("plain"));
    driver = runtime.driver();
    return driver;
  }

  @AfterEach
  void end() throws IOException {
    driver.close();
    runtime.kill();
  }

  private ActivitySpec spec(String script) {
    RunId id = new RunId(TaskId.random(new Random()), new Epoch(1, 1));
    return new ActivitySpec(
        id,
        ExampleRuntime.workload(
            List.of("/bin/sh", "-c", script), Map.of(), new Resources(1000, 64L << 20, 0), 16),
        folder.resolve("runs").resolve(id.toString()));
  }

  private static String stdout(ActivitySpec spec) throws IOException {
    return new String(OutputRecords.bytes(spec.folder(), OutputChunk.Stream.STDOUT), UTF_8);
  }

  @Test
  void aRunGoesOnWhenItsRuntimeIsKilledAndNoByteIsLost() throws Exception {
    driver();
    ActivitySpec spec =
        spec("i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo $i; sleep 0.02; done; exit 5");
    Activity activity = driver.prepare(spec).start();
    for (int i = 0; i < 3; i++) {
      int pid = runtime.pid();
      Thread.sleep(300);
      runtime.kill();
      await().atMost(Duration.ofSeconds(60)).until(() -> runtime.pid() != pid);
    }
    assertThat(activity.await()).isEqualTo(Exit.of(5));
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 200; i++) {
      expected.append(i).append('\n');
    }
    assertThat(stdout(spec)).isEqualTo(expected.toString());
    activity.destroy();
    assertThat(spec.folder()).doesNotExist();
  }

  @Test
  void aRunEndsWhileItsRuntimeIsAway() throws Exception {
    driver();
    ActivitySpec spec = spec("sleep 0.5; echo late; exit 6");
    Activity activity = driver.prepare(spec).start();
    driver.close();
    runtime.kill();
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(spec.folder().resolve("exit")));
    activity = ((io.atoll.runtime.driver.Recovered.Found) driver().recover(spec)).activity();
    assertThat(activity.await()).isEqualTo(Exit.of(6));
    assertThat(stdout(spec)).isEqualTo("late\n");
    activity.destroy();
  }

  @Test
  void aRunWhoseKeeperIsKilledIsLostAndLeavesNoProcess() throws Exception {
    driver();
    ActivitySpec spec = spec("sleep 1000 & sleep 1000");
    Activity activity = driver.prepare(spec).start();
    long payload = Long.parseLong(Files.readString(spec.folder().resolve("payload")));
    JsonNode index =
        Json.mapper().readTree(Files.readAllBytes(runtime.folder().resolve("runs/" + spec.id())));
    int keeper = index.path("keeper").asInt();
    assertThat(Children.signal(keeper, Children.SIGKILL)).isTrue();
    assertThat(activity.await().cause()).isEqualTo(Exit.Cause.LOST);
    await().until(() -> ProcessHandle.of(payload).filter(ProcessHandle::isAlive).isEmpty());
    activity.destroy();
  }

  @Test
  void aCommandGoesOnWhenTheRuntimeIsKilled() throws Exception {
    driver();
    Activity activity = driver.prepare(spec("sleep 1000")).start();
    String count = "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo $i; sleep 0.01; done; exit 7";
    ExecSession session =
        ((Enterable) activity)
            .exec(new ExecSpec("session01", List.of("/bin/sh", "-c", count), Map.of(), null));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExecConversation talk =
        new ExecConversation(() -> attach(session), null, out, new ByteArrayOutputStream());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<ExecEnd> end = threads.submit(talk::run);
      await().atMost(Duration.ofSeconds(60)).until(() -> out.size() > 100);
      runtime.kill();
      assertThat(end.get().code()).isEqualTo(7);
    }
    StringBuilder expected = new StringBuilder();
    for (int i = 1; i <= 300; i++) {
      expected.append(i).append('\n');
    }
    assertThat(out.toString(UTF_8)).isEqualTo(expected.toString());
    activity.destroy();
  }

  private static ExecLine attach(ExecSession session) throws IOException {
    try {
      return session.attach();
    } catch (DriverException e) {
      if (e.code() == ErrorCode.NOT_READY) {
        throw new IOException(e);
      }
      throw new AssertionError(e.text(), e);
    }
  }

  @Test
  void whatBelongsToNoRunIsRemoved() throws Exception {
    driver();
    ActivitySpec forgotten = spec("sleep 1000");
    ActivitySpec known = spec("sleep 1000");
    driver.prepare(forgotten).start();
    driver.prepare(known).start();
    long payload = Long.parseLong(Files.readString(forgotten.folder().resolve("payload")));
    driver.close();
    driver();
    assertThat(driver.removeStrays(Set.of(known.id()))).isEqualTo(1);
    assertThat(ProcessHandle.of(payload).filter(ProcessHandle::isAlive)).isEmpty();
    Activity goesOn = ((io.atoll.runtime.driver.Recovered.Found) driver.recover(known)).activity();
    assertThat(goesOn.state()).isEqualTo(Activity.State.RUNNING);
    goesOn.destroy();
  }
}
