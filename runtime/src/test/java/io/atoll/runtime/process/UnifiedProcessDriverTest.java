package io.atoll.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.os.Machine;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.cgroup.CgroupFinder;
import io.atoll.runtime.cgroup.Cgroups;
import io.atoll.runtime.cgroup.Controller;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.NetworkContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The same over control groups of version 2, also on a machine whose controllers are with version
/// 1: birth into the group, freezing, killing and accounting work there without any controller.
@Tag("real")
@EnabledOnOs(OS.LINUX)
@EnabledIf("usable")
class UnifiedProcessDriverTest extends NetworkContract {
  @TempDir Path folder;
  private Cgroups groups;

  static boolean usable() throws IOException {
    return Machine.uid() == 0
        && Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .anyMatch(line -> line.contains(" cgroup2 "));
  }

  @BeforeEach
  void usesVersion2() {
    assertThat(groups.where()).startsWith("version 2");
    assertThat(groups.controllers()).contains(Controller.FREEZER, Controller.ACCOUNTING);
  }

  @Override
  protected Driver newDriver() throws Exception {
    return new ProcessDriver(
        ProcessSettings.of(SupervisorBinary.path(), runs()),
        (given, instance) -> groups = CgroupFinder.findVersion2(given, instance));
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
        Workload.Isolation.SANDBOX);
  }

  @Override
  protected Path runs() {
    return folder.resolve("runs");
  }

  @Override
  protected boolean limitsMemory() {
    return groups.controllers().contains(Controller.MEMORY);
  }

  @Test
  void leavesNoGroup() throws Exception {
    run("exit 0");
    assertThat(groups.names()).isEmpty();
  }
}
