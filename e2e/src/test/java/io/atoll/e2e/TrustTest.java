package io.atoll.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.LoopbackRegistry;
import io.atoll.runtime.docker.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What may run on a node, its owner says: by command line, while the daemon runs.
@Tag("real")
@Timeout(180)
class TrustTest {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();
  @RegisterExtension static final LoopbackRegistry REGISTRY = new LoopbackRegistry();

  @TempDir static Path folder;
  private static Pool pool;
  private static CommandLine owner;
  private static CommandLine user;

  @BeforeAll
  static void start() throws Exception {
    pool = Pool.start(folder, 1, "--docker-socket", ENGINE.address().getPath());
    Path home = Files.createDirectories(folder.resolve("home"));
    owner =
        CommandLine.ofThisUser(home)
            .with("ATOLL_DATA_DIR", pool.providers.getFirst().dataDir().toString());
    user = CommandLine.ofThisUser(home).with("ATOLL_DATA_DIR", pool.hub.dataDir().toString());
  }

  @AfterAll
  static void stop() {
    if (pool != null) {
      pool.close();
    }
  }

  @BeforeEach
  void trustEverything() throws Exception {
    trust("--none", "*");
  }

  private static void trust(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("image", "trust"));
    all.addAll(List.of(words));
    CommandLine.Result result = owner.run(all.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
  }

  private static void refused(String reason, String... words) throws Exception {
    CommandLine.Result result = user.run(words);
    assertThat(result.status()).as(result.err()).isEqualTo(125);
    assertThat(result.err()).contains("DENIED: ", reason, "atoll image trust");
    assertThat(result.out()).isEmpty();
  }

  @Test
  void aProgramOfTheMachineRunsOnlyWhereEverythingMay() throws Exception {
    assertThat(user.run("run", "--", "echo", "hello").out()).isEqualTo("hello\n");
    trust("--none");
    refused("has none", "run", "--", "echo", "hello");
    Path policy = pool.providers.getFirst().dataDir().resolve("trust.json");
    Files.delete(policy);
    refused("is gone", "run", "--", "echo", "hello");
    Files.writeString(policy, "{\"allow\": [\"*\"");
    refused("cannot be understood", "run", "--", "echo", "hello");
    trust("--none", "*");
    assertThat(user.run("run", "--", "echo", "again").out()).isEqualTo("again\n");
  }

  @Test
  void theContainerThatRunsIsTheOneThatWasJudged() throws Exception {
    String name = REGISTRY.name("trusted:1");
    String good = pushed(name, "ENV WHO=good");
    trust(good.substring(good.indexOf('@') + 1));
    TaskView ran = pool.run(Requests.container(name, "sh", "-c", "echo $WHO"));
    assertThat(ran.state()).as(ran.exitDetail()).isEqualTo(TaskState.SUCCEEDED);
    assertThat(pool.output(ran.id().text())).isEqualTo("good\n");

    // The same name, other bytes.
    String other = pushed(name, "ENV WHO=other");
    assertThat(other).isNotEqualTo(good);
    refused("not listed", "run", "--image", name, "--", "sh", "-c", "echo $WHO");
    TaskView again = pool.run(Requests.container(good, "sh", "-c", "echo $WHO"));
    assertThat(again.state()).as(again.exitDetail()).isEqualTo(TaskState.SUCCEEDED);

    // Made here, never at a registry: only its own hash can be listed.
    TestImages.make(ENGINE, "local:1");
    refused("not listed", "run", "--image", "local:1", "--", "true");
    trust(ENGINE.docker("inspect", "--format", "{{.Id}}", "local:1"));
    assertThat(user.run("run", "--image", "local:1", "--", "true").status()).isZero();
    assertThat(ENGINE.docker("ps", "-a", "--format", "{{.Names}}")).isEmpty();
  }

  /// Made, pushed, and gone from the engine.
  private static String pushed(String name, String... lines) throws Exception {
    TestImages.make(ENGINE, name, lines);
    ENGINE.docker("push", "-q", name);
    String digest = ENGINE.docker("inspect", "--format", "{{index .RepoDigests 0}}", name);
    ENGINE.docker("rmi", "-f", name);
    return digest;
  }
}
