package io.atoll.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.docker.TestImages;
import io.atoll.runtime.microvm.TestGuests;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// The same image and the same command, as a container and as a microVM, give the same standard
/// output and the same exit code. The first rounds of `./dev soak same-image` are the suite's.
///
/// ```
/// atoll run ─ HTTP → hub ⇄ provider ─┬─ dockerd ──┬─ registry on loopback
///                                    └─ QEMU ─────┘
/// ```
@Tag("real")
@Timeout(1500)
class ContainerOrMicrovmTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir Path folder;
  private Pool pool;

  private record Image(String name, String[] changes, List<List<String>> commands) {}

  private static final List<Image> IMAGES =
      List.of(
          new Image(
              "busybox",
              new String[] {"ENTRYPOINT [\"/bin/sh\", \"-c\"]", "CMD [\"echo of the image\"]"},
              List.of(
                  List.of(),
                  List.of("echo out; echo err >&2; id -u; pwd; exit 7"),
                  List.of("seq 1 20000 | md5sum; printf 'a\\0b'; kill -9 $$"))),
          new Image(
              "python",
              new String[] {
                "ENTRYPOINT [\"python3\"]",
                "CMD [\"-c\", \"print(1)\"]",
                "ENV GREETING=hello",
                "WORKDIR /usr/lib"
              },
              List.of(
                  List.of(),
                  List.of(
                      "-c",
                      "import hashlib, json, os, sys; print(json.dumps([os.environ['GREETING'],"
                          + " os.getcwd(), sys.version, hashlib.sha256(b'x' * 10**6).hexdigest()]));"
                          + " sys.exit(5)"),
                  List.of("-c", "raise SystemError('no')"))),
          new Image(
              "redis",
              new String[] {"CMD [\"redis-server\", \"--version\"]"},
              List.of(
                  List.of(),
                  List.of(
                      "sh",
                      "-c",
                      "redis-server --save '' --daemonize yes >/dev/null; until redis-cli ping"
                          + " 2>/dev/null; do sleep 0.2; done; redis-cli set a 41; redis-cli incr a;"
                          + " redis-cli lpush l x y z; redis-cli lrange l 0 -1; exit 3"))),
          new Image(
              "nginx",
              new String[] {"CMD [\"nginx\", \"-T\"]"},
              List.of(
                  List.of(),
                  List.of(
                      "bash",
                      "-c",
                      "nginx; exec 3<>/dev/tcp/127.0.0.1/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3;"
                          + " sed '1,/^\\r$/d' <&3; exec 3>&-; nginx -s stop; exit 4"))),
          new Image(
              "postgres",
              new String[] {"USER postgres", "ENV PATH=/usr/lib/postgresql/15/bin:/usr/bin:/bin"},
              List.of(
                  List.of("postgres", "--version"),
                  List.of(
                      "bash",
                      "-c",
                      "initdb -D /tmp/pg >/dev/null && pg_ctl -D /tmp/pg -w -t 300 -o '-k /tmp'"
                          + " -l /tmp/log start >/dev/null; psql -h /tmp -At -c 'select sum(x), version()"
                          + " from generate_series(1, 100000) x'; pg_ctl -D /tmp/pg -w stop >/dev/null;"
                          + " exit 6"))));

  @BeforeEach
  void start() throws Exception {
    TestGuests.settings(folder.resolve("guest")); // makes what guests boot
    pool = Pool.start(folder, 1, "--docker-socket", ENGINE.address().getPath(), "--microvm");
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> pool.client.nodes().getFirst().drivers().contains("microvm"));
  }

  @AfterEach
  void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  private record Result(String out, int code) {}

  @Test
  void giveTheSame() throws Exception {
    int rounds = Integer.getInteger("atoll.fuzz.rounds", 2);
    for (Image image : IMAGES.subList(0, Math.min(rounds, IMAGES.size()))) {
      String name = push(image);
      for (List<String> command : image.commands) {
        Result container = run("docker", name, command);
        Result guest = run("microvm", name, command);
        System.out.printf(
            "%s: %d bytes, exit %d%n", image.name, container.out.length(), container.code);
        assertThat(guest).as(image.name + " " + command).isEqualTo(container);
        assertThat(container.out + container.code).as("it said something").isNotEqualTo("0");
      }
    }
  }

  private static String push(Image image) throws Exception {
    String name = REGISTRY.name("same-" + image.name + ":1");
    if (image.name.equals("busybox")) {
      TestImages.make(ENGINE, name, image.changes);
    } else {
      Path root = SupervisorBinary.path().getParent().getParent().getParent().getParent();
      Path made = root.resolve(".build/payload");
      Process making =
          new ProcessBuilder(
                  root.resolve("tools/payload-image.sh").toString(), image.name, made.toString())
              .inheritIO()
              .start();
      assertThat(making.waitFor()).as("payload-image.sh " + image.name).isZero();
      List<String> words = new ArrayList<>(List.of("import"));
      for (String change : image.changes) {
        words.addAll(List.of("--change", change));
      }
      words.addAll(List.of(made.resolve(image.name + ".tar").toString(), name));
      ENGINE.docker(words.toArray(String[]::new));
    }
    ENGINE.docker("push", "-q", name);
    return name;
  }

  private Result run(String driver, String image, List<String> command) throws Exception {
    List<String> words =
        new ArrayList<>(List.of("run", "--driver", driver, "--image", image, "--memory", "512Mi"));
    if (!command.isEmpty()) {
      words.add("--");
      words.addAll(command);
    }
    Process run =
        CommandLine.ofThisUser(folder)
            .with("ATOLL_DATA_DIR", pool.hub.dataDir().toString())
            .start(words.toArray(String[]::new));
    CompletableFuture<String> said =
        CompletableFuture.supplyAsync(() -> text(run.getErrorStream()));
    String out = new String(run.getInputStream().readAllBytes(), UTF_8);
    assertThat(run.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(run.exitValue()).as(driver + " " + command + "\n" + said.get()).isNotEqualTo(125);
    return new Result(out, run.exitValue());
  }

  private static String text(InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
