package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.TaskState;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `atoll cp` from a terminal to a sandbox and a container, and back.
@Tag("real")
@Timeout(300)
class CopyTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();

  @TempDir static Path folder;
  private static Pool pool;
  private static CommandLine cli;

  @BeforeAll
  static void start() throws Exception {
    TestImages.make(ENGINE, "busy:1");
    pool = Pool.start(folder, 1, "--docker-socket", ENGINE.address().getPath());
    cli =
        new CommandLine(
            DaemonProcess.java(), Map.of("ATOLL_HUB", pool.hub.api(), "ATOLL_KEY", pool.hub.key()));
  }

  @AfterAll
  static void stop() {
    if (pool != null) {
      var left = pool.client.tasks(false, null, 100).tasks();
      left.forEach(task -> pool.client.stop(task.id().text()));
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> pool.client.tasks(false, null, 1).tasks().isEmpty());
      pool.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker"})
  void filesGoInAndComeOut(String driver) throws Exception {
    String id = submit(driver);
    Path place = Files.createDirectory(folder.resolve(driver));
    Path tree = Files.createDirectories(place.resolve("tree/sub/empty")).getParent().getParent();
    byte[] bytes = new byte[2_000_000];
    new Random().nextBytes(bytes);
    Files.write(tree.resolve("bytes"), bytes);
    Files.setPosixFilePermissions(
        tree.resolve("bytes"), PosixFilePermissions.fromString("rw-r-x---"));
    Files.createSymbolicLink(tree.resolve("link"), Path.of("bytes"));

    assertThat(cp(tree.toString(), id + ":").err()).isEmpty();
    assertThat(sh(id, "stat -c '%a %s' tree/bytes; readlink tree/link; ls tree/sub"))
        .isEqualTo("650 2000000\nbytes\nempty\n");
    assertThat(cp(id + ":tree", place.resolve("back").toString()).status()).isZero();
    assertThat(Files.readAllBytes(place.resolve("back/bytes"))).isEqualTo(bytes);
    assertThat(Files.readSymbolicLink(place.resolve("back/link"))).hasToString("bytes");
    assertThat(place.resolve("back/sub/empty")).isEmptyDirectory();

    // A tar on the way out goes in again elsewhere.
    Process out = cli.start("cp", id + ":tree/bytes", "-");
    byte[] tar = out.getInputStream().readAllBytes();
    assertThat(out.waitFor()).isZero();
    sh(id, "mkdir other");
    Process in = cli.start("cp", "-", id + ":other");
    in.getOutputStream().write(tar);
    in.getOutputStream().close();
    assertThat(in.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(in.exitValue()).isZero();
    assertThat(sh(id, "cmp tree/bytes other/bytes && echo same")).isEqualTo("same\n");

    String twin = submit("process");
    assertThat(cp(id + ":tree/sub/.", twin + ":content").status()).isZero();
    assertThat(sh(twin, "ls content")).isEqualTo("empty\n");
  }

  @Test
  void whatCannotBeCopiedSaysWhy() throws Exception {
    String id = submit("process");
    Path here = Files.createDirectory(folder.resolve("failing"));
    CommandLine.Result missing = cp(id + ":no/such", here.toString());
    assertThat(missing.status()).isEqualTo(3);
    assertThat(missing.err()).contains("no/such: No such file or directory");
    assertThat(cp("t0000000000000:x", here.toString()).status()).isEqualTo(3);
    assertThat(cp(here + "/none", id + ":").status()).isEqualTo(3);
    assertThat(cp(id + ":/etc/hostname", here + "/none/").status()).isEqualTo(3);
    assertThat(cp(here.toString(), here.toString()).status()).isEqualTo(2);
    assertThat(cp(id + ":x").status()).isEqualTo(2);
    Files.writeString(here.resolve("file"), "x");
    CommandLine.Result denied = cp(here.resolve("file").toString(), id + ":/etc");
    assertThat(denied.status()).isEqualTo(4);
    sh(id, "ln -s /etc/shadow secret");
    CommandLine.Result link = cp(id + ":secret", here.toString());
    assertThat(link.err()).contains("left out: a link that leads out", "/etc/shadow");
    assertThat(here.resolve("secret")).doesNotExist();
    Process garbage = cli.start("cp", "-", id + ":");
    garbage.getOutputStream().write("no tar at all".getBytes(UTF_8));
    garbage.getOutputStream().close();
    assertThat(garbage.waitFor()).isEqualTo(2);
    pool.client.suspend(id, false);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> pool.client.task(id).state() == TaskState.SUSPENDED);
    CommandLine.Result suspended = cp(id + ":secret", here.toString());
    assertThat(suspended.status()).isEqualTo(5);
    assertThat(suspended.err()).contains("is suspended");
    pool.client.resume(id);
    pool.client.stop(id);
    await().atMost(Duration.ofSeconds(60)).until(() -> pool.client.task(id).state().ended());
    assertThat(cp(id + ":secret", here.toString()).status()).isEqualTo(5);
  }

  @Test
  void aCopyGoesOnAfterBothDaemonsWereKilled() throws Exception {
    String id = submit("process");
    // A task without a disk keeps its files in its memory: two of these go into 64 MiB.
    sh(id, "head -c 24000000 /dev/urandom > much");
    String digest = sh(id, "sha256sum < much");
    Path out = folder.resolve("much");
    Process copy = cli.start("cp", id + ":much", out.toString());
    Path[] half = new Path[1];
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              try (var all = Files.newDirectoryStream(folder, ".atoll-copy-*")) {
                for (Path one : all) {
                  half[0] = one;
                }
              }
              return half[0] != null || Files.exists(out);
            });
    pool.providers.getFirst().kill9();
    pool.providers.getFirst().start();
    pool.hub.kill9();
    pool.hub.start();
    pool.awaitOnline(1);
    assertThat(copy.waitFor(90, TimeUnit.SECONDS)).isTrue();
    assertThat(copy.exitValue()).isZero();
    assertThat(half[0]).as("it was not over before").isNotNull().doesNotExist();
    CommandLine.Result again = cp(out.toString(), id + ":again");
    assertThat(again.err()).isEmpty();
    assertThat(again.status()).isZero();
    assertThat(sh(id, "sha256sum < again")).isEqualTo(digest);
  }

  private static CommandLine.Result cp(String... words) throws Exception {
    String[] all = new String[words.length + 1];
    all[0] = "cp";
    System.arraycopy(words, 0, all, 1, words.length);
    return cli.run(all);
  }

  private static String sh(String id, String script) throws Exception {
    return cli.run("exec", id, "--", "/bin/sh", "-c", script).out();
  }

  private static String submit(String driver) throws Exception {
    String id =
        pool.client
            .create(
                Requests.task(
                    driver,
                    driver.equals("docker") ? "busy:1" : null,
                    null,
                    false,
                    "/bin/sh",
                    "-c",
                    "trap 'exit 0' TERM; while :; do sleep 0.1; done"),
                UUID.randomUUID().toString())
            .id()
            .text();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> pool.client.task(id).state() == TaskState.RUNNING);
    return id;
  }
}
