package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.EventView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.TaskRequest;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.term.Endpoint;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.docker.TestImages;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Containers through the whole system.
///
/// ```
/// test ─ HTTP → hub ⇄ provider ─ unix socket → dockerd of the test → registry on loopback
/// ```
@Tag("real")
@Timeout(180)
class ContainerTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final DockerEngine BRIDGED = DockerEngine.withBridge();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir static Path folder;
  private static Pool pool;

  @BeforeAll
  static void start() throws Exception {
    TestImages.make(ENGINE, "busy:1");
    pool = Pool.start(folder, 1, "--docker-socket", ENGINE.address().getPath());
  }

  @AfterAll
  static void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  @Test
  void runsAnImageByTagAndByDigestAsItWasMade() throws Exception {
    String tagged = REGISTRY.name("whole:1");
    TestImages.make(
        ENGINE,
        tagged,
        "ENTRYPOINT [\"/bin/sh\", \"-c\"]",
        "CMD [\"echo $WHO in $PWD; exit 7\"]",
        "ENV WHO=image",
        "WORKDIR /var");
    ENGINE.docker("push", "-q", tagged);
    String digest = ENGINE.docker("inspect", "--format", "{{index .RepoDigests 0}}", tagged);
    ENGINE.docker("rmi", "-f", tagged);
    TaskView byTag = pool.run(Requests.container(tagged));
    assertThat(byTag.exitCode()).as(byTag.exitDetail()).isEqualTo(7);
    assertThat(pool.output(byTag.id().text())).isEqualTo("image in /var\n");

    ENGINE.docker("rmi", "-f", tagged);
    assertThat(digest).contains("@sha256:");
    TaskView byDigest = pool.run(Requests.container(digest, "echo said $WHO; exit 5"));
    assertThat(byDigest.exitCode()).as(byDigest.exitDetail()).isEqualTo(5);
    assertThat(pool.output(byDigest.id().text())).isEqualTo("said image\n");
  }

  @Test
  void environmentOfTheTaskComesOverThatOfTheImage() throws Exception {
    TestImages.make(ENGINE, "env:1", "ENV WHO=image", "ENV KEPT=yes");
    TaskRequest request =
        new TaskRequest(
            null,
            "docker",
            "env:1",
            List.of(
                "sh", "-c", "echo $WHO $KEPT $ATOLL_TASK $ATOLL_NODE; id -u; ls /sys/class/net"),
            Map.of("WHO", "task"),
            "0.1",
            "64Mi",
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    TaskView ended = pool.run(request);
    assertThat(pool.output(ended.id().text()))
        .isEqualTo("task yes " + ended.id().text() + " p1\n0\nlo\n");
    assertThat(ended.state()).isEqualTo(TaskState.SUCCEEDED);
  }

  @Test
  void anUnknownImageFailsAtOnceAndSaysWhatToDo() throws Exception {
    long begin = System.nanoTime();
    TaskView ended = pool.run(Requests.container(REGISTRY.name("missing:1")));
    assertThat(ended.state()).isEqualTo(TaskState.FAILED);
    assertThat(ended.exitDetail())
        .contains("there is no image " + REGISTRY.name("missing:1"))
        .contains("check name, tag and registry");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    assertThat(runs(ended)).isEqualTo(1);
  }

  @Test
  void aProgramThatIsNotInTheImageFailsAtOnce() throws Exception {
    TaskView ended = pool.run(Requests.container("busy:1", "/no/such/program"));
    assertThat(ended.state()).isEqualTo(TaskState.FAILED);
    assertThat(ended.exitDetail()).contains("/no/such/program");
  }

  @Test
  void tooMuchMemoryIsToldAsSuch() throws Exception {
    TaskView ended = pool.run(Requests.container("busy:1", "tail", "/dev/zero"));
    assertThat(ended.state()).isEqualTo(TaskState.FAILED);
    assertThat(ended.exitCode()).isEqualTo(137);
    assertThat(ended.exitDetail()).contains("memory");
  }

  @Test
  void portsNeedTheOwnersLeave() throws Exception {
    TestImages.make(ENGINE, "exposing:1", "EXPOSE 7000", "EXPOSE 7001/udp");
    for (TaskRequest request :
        List.of(
            Requests.published("busy:1", List.of("7000"), false, "sleep", "60"),
            Requests.published("exposing:1", List.of(), true, "sleep", "60"))) {
      String id = pool.client.create(request, UUID.randomUUID().toString()).id().text();
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> {
                TaskView waiting = pool.client.task(id, Duration.ZERO);
                assertThat(waiting.state()).isEqualTo(TaskState.QUEUED);
                assertThat(String.valueOf(waiting.waiting())).contains("egress");
              });
      pool.client.stop(id);
      assertThat(pool.client.task(id, Duration.ofSeconds(10)).state()).isEqualTo(TaskState.STOPPED);
    }
    assertThat(ENGINE.docker("ps", "-aq", "--filter", "ancestor=exposing:1")).isEmpty();
  }

  @Test
  void publishedPortsAreEndpointsThatWork(@TempDir Path own) throws Exception {
    TestImages.make(BRIDGED, "echo:1", "EXPOSE 7000", "EXPOSE 7001/udp");
    try (Pool open =
        Pool.start(own, 1, "--allow-egress", "--docker-socket", BRIDGED.address().getPath())) {
      for (TaskRequest request :
          List.of(
              Requests.published("echo:1", List.of(), true, TestImages.ECHO),
              Requests.published(
                  "echo:1", List.of("7000/tcp", "7001/udp"), false, TestImages.ECHO))) {
        String id = open.client.create(request, UUID.randomUUID().toString()).id().text();
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> open.client.task(id, Duration.ZERO).endpoints().size() == 2);
        List<Endpoint> endpoints = open.client.task(id, Duration.ZERO).endpoints();
        assertThat(endpoints.get(0).toString()).matches("7000/tcp->127\\.0\\.0\\.1:\\d+");
        assertThat(endpoints.get(1).toString()).matches("7001/udp->127\\.0\\.0\\.1:\\d+");
        await()
            .atMost(Duration.ofSeconds(20))
            .ignoreExceptions()
            .until(() -> tcp(endpoints.get(0)).equals("over tcp"));
        await()
            .atMost(Duration.ofSeconds(20))
            .ignoreExceptions()
            .until(() -> udp(endpoints.get(1)).equals("over udp"));
        open.client.stop(id);
        TaskView stopped = open.client.task(id, Duration.ofSeconds(30));
        assertThat(stopped.state()).isEqualTo(TaskState.STOPPED);
        assertThat(stopped.endpoints()).isEmpty();
      }
    }
  }

  @Test
  void aRunningContainerOutlivesProviderAndHub() throws Exception {
    String script =
        "i=0; while [ $i -lt 120 ]; do echo line $i; i=$((i+1)); sleep 0.1; done; exit 9";
    String id =
        pool.client
            .create(Requests.container("busy:1", "sh", "-c", script), UUID.randomUUID().toString())
            .id()
            .text();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> pool.client.task(id, Duration.ZERO).state() == TaskState.RUNNING);
    String container = ENGINE.docker("ps", "-q", "--no-trunc", "--filter", "name=" + id);
    assertThat(container).hasSize(64);
    pool.providers.getFirst().kill9();
    Thread.sleep(1500);
    assertThat(running(container)).isEqualTo("true");
    pool.providers.getFirst().start();
    pool.hub.kill9();
    Thread.sleep(500);
    assertThat(running(container)).isEqualTo("true");
    pool.hub.start();
    TaskView ended = pool.client.task(id, Duration.ofSeconds(60));
    assertThat(ended.exitCode()).as(ended.exitDetail()).isEqualTo(9);
    assertThat(runs(ended)).isEqualTo(1);
    assertThat(pool.output(id))
        .isEqualTo(
            IntStream.range(0, 120)
                .mapToObj(i -> "line " + i + "\n")
                .collect(Collectors.joining()));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ENGINE.docker("ps", "-aq", "--filter", "name=" + id).isEmpty());
  }

  @Test
  void fetchingAnImageIsShown() throws Exception {
    String tagged = REGISTRY.name("large:1");
    TestImages.large(ENGINE, tagged, 12 << 20);
    ENGINE.docker("push", "-q", tagged);
    ENGINE.docker("rmi", "-f", tagged);
    try (SlowLine line = new SlowLine(REGISTRY.port(), 3 << 20)) {
      String image = "127.0.0.1:" + line.port() + "/large:1";
      String id =
          pool.client
              .create(Requests.container(image, "true"), UUID.randomUUID().toString())
              .id()
              .text();
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () ->
                  pool.client
                      .task(id, Duration.ZERO)
                      .detail()
                      .matches("pulling .*/large:1: [0-9.]+MB/[0-9.]+MB"));
      assertThat(pool.client.task(id, Duration.ofSeconds(60)).state())
          .isEqualTo(TaskState.SUCCEEDED);
    }
  }

  @Test
  void theOfferFollowsTheEngine(@TempDir Path own) throws Exception {
    DockerEngine engine = DockerEngine.withLiveRestore();
    engine.start();
    TestImages.make(engine, "busy:1");
    try (Pool other = Pool.start(own, 1, "--docker-socket", engine.address().getPath())) {
      assertThat(drivers(other)).contains("docker");
      engine.stop();
      // the run that meets a dead engine has it looked at; the task waits for it to come back
      String id =
          other
              .client
              .create(Requests.container("busy:1", "true"), UUID.randomUUID().toString())
              .id()
              .text();
      await().atMost(Duration.ofSeconds(20)).until(() -> !drivers(other).contains("docker"));
      engine.restart();
      await().atMost(Duration.ofSeconds(40)).until(() -> drivers(other).contains("docker"));
      TaskView ended = other.client.task(id, Duration.ofSeconds(60));
      assertThat(ended.state()).as(ended.exitDetail()).isEqualTo(TaskState.SUCCEEDED);
    }
  }

  @Test
  void whatNoRunKnowsIsRemovedOnceAllAreFound() throws Exception {
    TaskView ended = pool.run(Requests.container("busy:1", "true"));
    assertThat(ended.state()).isEqualTo(TaskState.SUCCEEDED);
    String id =
        pool.client
            .create(Requests.container("busy:1", "sleep", "600"), UUID.randomUUID().toString())
            .id()
            .text();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> pool.client.task(id, Duration.ZERO).state() == TaskState.RUNNING);
    String wanted = ENGINE.docker("ps", "-q", "--no-trunc", "--filter", "name=" + id);
    String instance =
        ENGINE.docker("inspect", "-f", "{{index .Config.Labels \"io.atoll.instance\"}}", wanted);
    pool.providers.getFirst().kill9();
    String stray =
        ENGINE.docker(
            "run",
            "-d",
            "--network",
            "none",
            "--label",
            "io.atoll.instance=" + instance,
            "--label",
            "io.atoll.run=" + ended.id().text() + ".1-1",
            "busy:1",
            "sleep",
            "600");
    pool.providers.getFirst().start();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !ENGINE.docker("ps", "-aq", "--no-trunc").contains(stray));
    assertThat(running(wanted)).isEqualTo("true");
    pool.client.stop(id);
    assertThat(pool.client.task(id, Duration.ofSeconds(30)).state()).isEqualTo(TaskState.STOPPED);
  }

  private static List<String> drivers(Pool pool) throws InterruptedException {
    return pool.client.nodes().stream().map(NodeView::drivers).flatMap(List::stream).toList();
  }

  private static long runs(TaskView task) {
    return task.events().stream().map(EventView::epoch).filter(Objects::nonNull).distinct().count();
  }

  private static String running(String container) throws IOException {
    return ENGINE.docker("inspect", "-f", "{{.State.Running}}", container);
  }

  private static String tcp(Endpoint endpoint) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(endpoint.host(), endpoint.hostPort()), 2000);
      socket.setSoTimeout(2000);
      socket.getOutputStream().write("over tcp".getBytes(UTF_8));
      return new String(socket.getInputStream().readNBytes(8), UTF_8);
    }
  }

  private static String udp(Endpoint endpoint) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(1000);
      byte[] data = "over udp".getBytes(UTF_8);
      socket.send(
          new DatagramPacket(
              data, data.length, new InetSocketAddress(endpoint.host(), endpoint.hostPort())));
      DatagramPacket reply = new DatagramPacket(new byte[64], 64);
      socket.receive(reply);
      return new String(reply.getData(), 0, reply.getLength(), UTF_8);
    }
  }
}
