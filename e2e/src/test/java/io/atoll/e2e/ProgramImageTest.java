package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.runtime.image.content.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs as images: imported where they run, kept for as long as something runs from them.
@Tag("real")
@Timeout(240)
class ProgramImageTest {
  @TempDir static Path folder;
  private static Pool pool;
  private static DaemonProcess node;
  private static CommandLine owner;
  private static CommandLine user;

  @BeforeAll
  static void start() throws Exception {
    pool = Pool.start(folder, 1);
    node = pool.providers.getFirst();
    Path home = Files.createDirectories(folder.resolve("home"));
    owner = CommandLine.ofThisUser(home).with("ATOLL_DATA_DIR", node.dataDir().toString());
    user = CommandLine.ofThisUser(home).with("ATOLL_DATA_DIR", pool.hub.dataDir().toString());
  }

  @AfterAll
  static void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  private static void imported(String name, byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve(name), bytes);
    CommandLine.Result result = owner.run("image", "import", file.toString());
    assertThat(result.status()).as(result.err()).isZero();
  }

  private static List<Path> leases() throws IOException {
    try (Stream<Path> files = Files.list(node.dataDir().resolve("images/leases"))) {
      return files.toList();
    }
  }

  @Test
  void aProgramOfTheMachinesCpuRunsAndAnotherIsRefused() throws Exception {
    byte[] echo = Files.readAllBytes(Path.of("/bin/echo"));
    imported("say", echo);
    CommandLine.Result said =
        user.run("run", "--driver", "process", "--image", "say", "--", "-n", "hello", "you");
    assertThat(said.status()).as(said.err()).isZero();
    assertThat(said.out()).isEqualTo("hello you");

    // The same for a processor that this is not.
    byte[] other = echo.clone();
    other[18] = (byte) (other[18] == 62 ? 183 : 62);
    other[19] = 0;
    imported("say-other", other);
    CommandLine.Result refused = user.run("run", "--driver", "process", "--image", "say-other");
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.err()).contains("START_FAILED", "say-other is for linux/", "this node runs");
    CommandLine.Result bare =
        user.run("run", "--driver", "process", "--image", "say", "--unsandboxed");
    assertThat(bare.err()).contains("runs in the sandbox only");
    await().atMost(Duration.ofSeconds(10)).until(() -> leases().isEmpty());
  }

  @Test
  void anImageStaysWhileItRunsAlsoThroughAKilledDaemon() throws Exception {
    imported("wait", "#!/bin/sh\nsleep 3600\n".getBytes());
    TaskView task =
        pool.client.create(
            Requests.task("process", "wait", null, false), UUID.randomUUID().toString());
    String id = task.id().text();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> pool.client.task(id).state() == TaskState.RUNNING);
    assertThat(leases()).hasSize(1);
    node.kill9();
    // What a daemon that died over a run that is gone left behind.
    String lease = Files.readString(leases().getFirst());
    String gone = "run-t-0000000000.1.1";
    String name = Digest.sha256(gone.getBytes()).hex().substring(0, 40) + ".json";
    Path stray = node.dataDir().resolve("images/leases").resolve(name);
    Files.writeString(stray, lease.replaceFirst("run-[^\"]*", gone));
    node.start();
    await().atMost(Duration.ofSeconds(30)).until(() -> !Files.exists(stray));
    assertThat(leases()).hasSize(1);
    assertThat(owner.run("image", "rm", "wait").status()).isZero();
    assertThat(owner.run("image", "gc", "--budget", "0").status()).isZero();
    assertThat(node.dataDir().resolve("images/programs")).isNotEmptyDirectory();

    pool.awaitOnline(1);
    assertThat(user.run("stop", id).status()).isZero();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> pool.client.task(id).state() == TaskState.STOPPED);
    await().atMost(Duration.ofSeconds(10)).until(() -> leases().isEmpty());
    assertThat(owner.run("image", "gc", "--budget", "0").status()).isZero();
    assertThat(node.dataDir().resolve("images/programs")).isEmptyDirectory();
  }
}
