package io.atoll.runtime.process;

import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.NetworkContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
@EnabledOnOs(OS.LINUX)
class BareProcessDriverTest extends NetworkContract {
  @TempDir Path folder;

  @Override
  protected Driver newDriver() throws Exception {
    return new ProcessDriver(ProcessSettings.of(SupervisorBinary.path(), runs()).withBare(true));
  }

  @Override
  protected Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return new Workload(
        "process",
        null,
        command,
        env,
        resources,
        maxProcesses,
        List.of(),
        false,
        Workload.Isolation.BARE);
  }

  /// It is in the host's own network.
  @Override
  protected boolean networks() {
    return false;
  }

  @Override
  protected Path runs() {
    return folder.resolve("runs");
  }
}
