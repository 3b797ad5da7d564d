package io.atoll.runtime.docker;

import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.EnterableContract;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
class DockerDriverContractTest extends EnterableContract {
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
}
