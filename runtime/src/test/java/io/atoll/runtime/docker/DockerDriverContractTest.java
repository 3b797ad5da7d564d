package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.ExecOrder;
import io.atoll.runtime.driver.NetworkContract;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
class DockerDriverContractTest extends NetworkContract {
  @RegisterExtension static final DockerEngine ENGINE = DockerEngine.withoutNetwork();

  @TempDir static Path runs;
  private static DockerDriver current;

  @BeforeAll
  static void makeImage() throws IOException {
    TestImages.make(ENGINE, "tools:1");
  }

  @AfterAll
  static void closeDriver() {
    current.close();
  }

  @Override
  protected Driver newDriver() throws Exception {
    if (current != null) {
      current.close(); // a daemon that died writes no more
    }
    current =
        new DockerDriver(
            DockerSettings.loopback(ENGINE.address(), "contract")
                .withSupervisor(SupervisorBinary.path()),
            (image, line) -> System.out.println(image + " " + line));
    return current;
  }

  @Override
  protected Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return new Workload(
        "docker",
        "tools:1",
        command,
        env,
        resources,
        maxProcesses,
        List.of(),
        false,
        Workload.Isolation.SANDBOX);
  }

  @Override
  protected Path runs() {
    return runs;
  }

  /// The engine's own way to copy acts as root.
  @Test
  void aCopyMayWhatTheUserOfTheImageMay() throws Exception {
    TestImages.make(ENGINE, "user:1", "USER somebody");
    Workload tools = script("sleep 1000");
    Activity activity =
        start(
            spec(
                new Workload(
                    "docker",
                    "user:1",
                    tools.command(),
                    Map.of(),
                    SMALL,
                    64,
                    List.of(),
                    false,
                    Workload.Isolation.SANDBOX)));
    Copied out = copy(activity, new ExecOrder.Pack("/etc/passwd"), new byte[0]);
    assertThat(out.end().code()).isZero();
    Copied denied = copy(activity, new ExecOrder.Unpack("/etc"), out.out());
    assertThat(denied.end().code()).isEqualTo(4);
    assertThat(denied.err()).isEqualTo("passwd: Permission denied\n");
    assertThat(copy(activity, new ExecOrder.Unpack("/tmp"), out.out()).end().code()).isZero();
    assertThat(beside(activity, null, "", "stat -c %u /tmp/passwd").out()).isEqualTo("1234\n");
  }
}
