package io.atoll.runtime.microvm;

import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.NetworkContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
@EnabledOnOs(OS.LINUX)
class MicrovmDriverContractTest extends NetworkContract {
  @TempDir static Path folder;
  private static MicrovmDriver current;

  @AfterAll
  static void closeDriver() {
    if (current != null) {
      current.close();
    }
  }

  @Override
  protected Driver newDriver() throws Exception {
    if (current != null) {
      current.close(); // a daemon that died writes no more
    }
    MicrovmSettings settings = TestGuests.settings(folder.resolve("state"));
    current = new MicrovmDriver(settings, TestGuests.images());
    java.nio.file.Files.createDirectories(runs());
    return current;
  }

  @Override
  protected Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return TestGuests.workload(command, env, resources, maxProcesses);
  }

  @Override
  protected Path runs() {
    return folder.resolve("runs");
  }

  /// What a guest writes is in its memory.
  @Override
  protected boolean tellsDisk() {
    return false;
  }

  @Override
  protected boolean suspendsDeep() {
    return true;
  }
}
