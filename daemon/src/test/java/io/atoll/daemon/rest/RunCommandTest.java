package io.atoll.daemon.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.Waiting;
import io.atoll.core.term.Guest;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.daemon.rest.CommandLineFixture.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
  private CommandLineFixture cli;

  @BeforeEach
  void start() throws Exception {
    cli = new CommandLineFixture();
  }

  @AfterEach
  void stop() {
    cli.close();
  }

  @Test
  void passesStreamsAndExitStatusOn() {
    cli.playCommands();
    Result result = cli.run("run", "--", "play", "out:hello", "err:oops", "out:bye", "exit:37");
    assertThat(result.status()).isEqualTo(37);
    assertThat(result.out()).isEqualTo("hello\nbye\n");
    assertThat(result.err()).isEqualTo("oops\n");
  }

  @Test
  void passesBytesAsTheyAre() throws Exception {
    byte[] bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    CompletableFuture<Result> running = cli.start("run", "--", "x");
    TaskId id = awaitTask();
    cli.hub.place(id);
    for (int at = 0; at < bytes.length; at += 50_000) {
      cli.hub.write(
          id, OutputChunk.Stream.STDOUT, java.util.Arrays.copyOfRange(bytes, at, at + 50_000));
    }
    cli.hub.exit(id, 0, null);
    Result result = running.get(10, TimeUnit.SECONDS);
    assertThat(result.status()).isZero();
    assertThat(result.outBytes()).isEqualTo(bytes);
  }

  @Test
  void mapsEveryOption() {
    Result result =
        cli.run(
            "run",
            "-d",
            "--image",
            "nginx:1",
            "--node",
            "reef",
            "--cpus",
            "1.5",
            "-m",
            "512M",
            "--disk",
            "1Gi",
            "-e",
            "A=b=c",
            "--env",
            "D=",
            "-p",
            "80",
            "--publish=53/udp",
            "--publish-all",
            "--name",
            "web",
            "--priority",
            "90",
            "--restart",
            "on-failure:5",
            "--on-disconnect",
            "replace",
            "--time-limit",
            "2h30m",
            "--max-processes",
            "64",
            "nginx",
            "-g",
            "daemon off;");
    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    TaskId id = cli.hub.only();
    assertThat(result.out()).isEqualTo(id + "\n");
    var spec = cli.hub.specOf(id);
    Workload workload = spec.workload();
    assertThat(workload.driver()).isEqualTo("docker");
    assertThat(workload.command()).containsExactly("nginx", "-g", "daemon off;");
    assertThat(workload.env()).containsEntry("A", "b=c").containsEntry("D", "");
    assertThat(workload.resources().cpuMillis()).isEqualTo(1500);
    assertThat(workload.resources().memory()).isEqualTo(512_000_000);
    assertThat(workload.resources().disk()).isEqualTo(1L << 30);
    assertThat(workload.ports().toString()).isEqualTo("[80/tcp, 53/udp]");
    assertThat(workload.publishAll()).isTrue();
    assertThat(workload.maxProcesses()).isEqualTo(64);
    assertThat(spec.priority()).isEqualTo(90);
    assertThat(spec.restart().attempts()).isEqualTo(5);
    assertThat(spec.onDisconnect().name()).isEqualTo("REPLACE");
    assertThat(spec.timeLimitSeconds()).isEqualTo(9000);
    assertThat(spec.node()).isEqualTo("reef");
  }

  @Test
  void tellsAMachineWhoItIs(@TempDir Path folder) throws Exception {
    String line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== me@here";
    Path keys = Files.writeString(folder.resolve("id.pub"), "# mine\n" + line + "\n");
    Path data = Files.writeString(folder.resolve("data"), "#cloud-config\n{}\n");
    String[] words = {"run", "-d", "--driver", "vm", "--image", "debian-12"};
    assertThat(
            cli.run(
                    more(
                        words,
                        "--hostname",
                        "box",
                        "--ssh-key",
                        keys.toString(),
                        "--user-data",
                        data.toString()))
                .err())
        .isEmpty();
    TaskId id = cli.hub.only();
    Workload workload = cli.hub.specOf(id).workload();
    assertThat(workload.guest()).isEqualTo(new Guest("box", List.of(line), "#cloud-config\n{}\n"));
    assertThat(workload.resources().memory()).isEqualTo(512L << 20);
    assertThat(cli.run("task", "show", id.text()).out()).contains("box, 1 SSH key, user-data");

    Path secret = Files.writeString(folder.resolve("id"), "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff});
    for (String[] wrong :
        new String[][] {
          more(words, "--ssh-key", secret.toString()),
          more(words, "--ssh-key", folder.resolve("none").toString()),
          more(words, "--ssh-key", data.toString()),
          more(words, "--user-data", binary.toString()),
          more(words, "--hostname", "Not One"),
          {"run", "-d", "--image", "debian:12", "--hostname", "box"},
          {"run", "-d", "--ssh-key", keys.toString(), "--", "x"},
        }) {
      Result result = cli.run(wrong);
      assertThat(result.status()).as(String.join(" ", wrong)).isNotZero();
      assertThat(result.err()).as(String.join(" ", wrong)).doesNotContain("Exception");
    }
  }

  private static String[] more(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void failsWith125ForItsOwnFailures() throws Exception {
    assertThat(cli.run("run", "--driver", "dokcer", "--", "x").err())
        .contains("atoll: driver: there is no driver 'dokcer'")
        .contains("hint: did you mean 'docker'?");
    for (String[] arguments :
        new String[][] {
          {"run", "--driver", "nope", "--", "x"},
          {"run", "--memory", "lots", "--", "x"},
          {"run", "--name", "a\nb", "--", "x"},
          {"run", "-p", "80", "--", "x"},
          {"run", "--bogus", "--", "x"},
          {"run"},
        }) {
      Result result = cli.run(arguments);
      assertThat(result.status()).as(String.join(" ", arguments)).isEqualTo(125);
      assertThat(result.err()).startsWith("atoll: ").contains("hint: ").doesNotContain("\tat ");
      assertThat(result.out()).isEmpty();
    }
    assertThat(cli.hub.all()).isEmpty();
    try (var nobody = new java.net.ServerSocket(0)) {
      Files.writeString(cli.dataDir.resolve("api"), "http://127.0.0.1:" + nobody.getLocalPort());
    }
    Result gone = cli.run("run", "--", "x");
    assertThat(gone.status()).isEqualTo(125);
    assertThat(gone.err()).contains("atoll up");
  }

  @Test
  void tellsWhatAtollFailedAt() {
    cli.hub.script =
        (hub, id) -> {
          hub.place(id);
          hub.exit(id, 125, "there is no program /no/such");
        };
    Result result = cli.run("run", "--", "/no/such");
    assertThat(result.status()).isEqualTo(125);
    assertThat(result.err()).contains("there is no program /no/such");
  }

  @Test
  void saysWhyATaskWaits() throws Exception {
    CompletableFuture<Result> running = cli.start("run", "--memory", "64Gi", "--", "x");
    TaskId id = awaitTask();
    cli.hub.waits(id, new Waiting("no node has 64Gi of memory", "--memory 8Gi", List.of()));
    Thread.sleep(1600);
    cli.hub.place(id);
    cli.hub.print(id, "at last\n");
    cli.hub.exit(id, 0, null);
    Result result = running.get(10, TimeUnit.SECONDS);
    assertThat(result.out()).isEqualTo("at last\n");
    assertThat(result.err())
        .containsOnlyOnce("waits: no node has 64Gi of memory; it would fit with --memory 8Gi");
  }

  @Test
  void followsOverARestartOfTheHubWithoutLossOrRepeat() throws Exception {
    CompletableFuture<Result> running = cli.start("run", "--", "x");
    TaskId id = awaitTask();
    cli.hub.place(id);
    StringBuilder expected = new StringBuilder();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 20; i++) {
        String line = "round " + round + " line " + i + "\n";
        expected.append(line);
        cli.hub.print(id, line);
        Thread.sleep(3);
      }
      cli.served.server.close();
      Thread.sleep(200);
      cli.served.server = cli.served.start(0); // under another port
      cli.publish();
    }
    cli.hub.exit(id, 5, null);
    Result result = running.get(15, TimeUnit.SECONDS);
    assertThat(result.status()).as(result.err()).isEqualTo(5);
    assertThat(result.out()).isEqualTo(expected.toString());
    assertThat(result.err()).contains("lost the hub").contains("the hub is back");
    assertThat(cli.hub.all()).hasSize(1);
  }

  @Test
  void followsRunAfterRun() throws Exception {
    CompletableFuture<Result> running = cli.start("run", "--restart", "on-failure", "--", "x");
    TaskId id = awaitTask();
    cli.hub.place(id);
    cli.hub.print(id, "first\n");
    cli.hub.endRun(id);
    Thread.sleep(300);
    cli.hub.place(id);
    cli.hub.print(id, "second\n");
    cli.hub.exit(id, 0, null);
    Result result = running.get(10, TimeUnit.SECONDS);
    assertThat(result.out()).isEqualTo("first\nsecond\n");
    assertThat(result.status()).isZero();
  }

  @Test
  void aFirstInterruptStopsASecondDetaches() throws Exception {
    CompletableFuture<Result> running = cli.start("run", "--", "x");
    TaskId id = awaitTask();
    cli.hub.place(id);
    await().until(() -> cli.hub.outputs.get() == 1);
    cli.interrupt();
    assertThat(cli.hub.task(id.text()).state().name()).isEqualTo("STOPPING");
    assertThat(running).isNotDone();
    cli.hub.exit(id, 143, null);
    assertThat(running.get(10, TimeUnit.SECONDS).status()).isEqualTo(143);

    CompletableFuture<Result> second = cli.start("run", "--", "y");
    await().until(() -> cli.hub.all().size() == 2);
    cli.hub.place(cli.hub.all().get(1));
    await().until(() -> cli.hub.outputs.get() == 2);
    cli.interrupt();
    cli.interrupt();
    Result left = second.get(10, TimeUnit.SECONDS);
    assertThat(left.status()).isEqualTo(130);
    String id2 = cli.hub.all().get(1).text();
    assertThat(left.err()).contains("goes on", "`atoll logs -f " + id2, "`atoll stop " + id2);
  }

  /// Holds the hub's answer to the next submit back.
  private static final class SlowAnswer {
    final CountDownLatch taken = new CountDownLatch(1);
    final CountDownLatch answer = new CountDownLatch(1);

    SlowAnswer(MemoryHub hub) {
      hub.script =
          (_, _) -> {
            taken.countDown();
            try {
              answer.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          };
    }
  }

  @Test
  void anInterruptBeforeTheHubHasAnsweredCountsOnceTheIdIsKnown() throws Exception {
    SlowAnswer slow = new SlowAnswer(cli.hub);
    CompletableFuture<Result> running = cli.start("run", "--", "x");
    slow.taken.await();
    assertThat(cli.listensForInterrupts()).isTrue();
    cli.interrupt();
    assertThat(running).isNotDone();
    slow.answer.countDown();
    Result stopped = running.get(10, TimeUnit.SECONDS);
    TaskId id = cli.hub.only();
    assertThat(stopped.err()).contains("Ctrl-C again").contains("stopping task " + id);
    assertThat(cli.hub.task(id.text()).state().name()).isEqualTo("STOPPED");
    assertThat(stopped.status()).isEqualTo(143);
  }

  @Test
  void aSecondInterruptDoesNotWaitForTheHub() throws Exception {
    SlowAnswer slow = new SlowAnswer(cli.hub);
    CompletableFuture<Result> running = cli.start("run", "--", "x");
    slow.taken.await();
    assertThat(cli.listensForInterrupts()).isTrue();
    cli.interrupt();
    cli.interrupt();
    Result left = running.get(10, TimeUnit.SECONDS);
    slow.answer.countDown();
    assertThat(left.status()).isEqualTo(130);
    assertThat(left.err()).contains("`atoll ps`", "`atoll stop");
  }

  @Test
  void anInterruptedDetachNamesTheTask() throws Exception {
    SlowAnswer slow = new SlowAnswer(cli.hub);
    CompletableFuture<Result> running = cli.start("run", "-d", "--", "x");
    slow.taken.await();
    assertThat(cli.listensForInterrupts()).isTrue();
    cli.interrupt();
    slow.answer.countDown();
    Result left = running.get(10, TimeUnit.SECONDS);
    TaskId id = cli.hub.only();
    assertThat(left.out()).isEqualTo(id + "\n");
    assertThat(left.err()).contains("`atoll logs -f " + id + "`", "`atoll stop " + id + "`");
    assertThat(left.status()).isEqualTo(130);
    assertThat(cli.hub.task(id.text()).state().ended()).isFalse();
  }

  @Test
  void tellsOfDroppedOutput() throws Exception {
    CompletableFuture<Result> running = cli.start("run", "-d", "--", "x");
    running.get(10, TimeUnit.SECONDS);
    TaskId id = cli.hub.only();
    cli.hub.place(id);
    cli.hub.print(id, "old\n");
    cli.hub.print(id, "new\n");
    cli.hub.drop(id, 4);
    cli.hub.exit(id, 0, null);
    Result result = cli.run("logs", id.text());
    assertThat(result.out()).isEqualTo("new\n");
    assertThat(result.err()).contains("4 bytes of output are no longer kept");
  }

  private TaskId awaitTask() {
    await().until(() -> !cli.hub.all().isEmpty());
    return cli.hub.only();
  }
}
