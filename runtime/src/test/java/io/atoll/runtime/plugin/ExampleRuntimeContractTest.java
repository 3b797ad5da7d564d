package io.atoll.runtime.plugin;

import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.driver.Driver;
import io.atoll.runtime.driver.NetworkContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A program outside of Atoll does all that a driver must do, over the protocol.
@Tag("real")
@EnabledOnOs(OS.LINUX)
class ExampleRuntimeContractTest extends NetworkContract {
  @TempDir static Path folder;
  private static @Nullable PluginDriver current;

  @AfterAll
  static void endRuntime() throws IOException {
    if (current != null) {
      current.close();
    }
    new ExampleRuntime(folder.resolve("plain")).kill();
  }

  @Override
  protected Driver newDriver() throws Exception {
    if (current != null) {
      current.close(); // a daemon that died hears no more
    }
    PluginDriver made = new ExampleRuntime(folder.resolve("plain")).driver();
    current = made;
    return made;
  }

  @Override
  protected Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return ExampleRuntime.workload(command, env, resources, maxProcesses);
  }

  @Override
  protected boolean payloadsAreTheDaemonsUser() {
    return true;
  }

  /// It has no sandbox, and so none whose network could be another.
  @Override
  protected boolean networks() {
    return false;
  }

  @Override
  protected Path runs() {
    return folder.resolve("runs");
  }
}
