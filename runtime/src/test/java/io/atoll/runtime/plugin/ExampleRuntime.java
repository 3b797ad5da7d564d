package io.atoll.runtime.plugin;

import io.atoll.core.os.Children;
import io.atoll.core.term.Resources;
import io.atoll.core.term.Workload;
import io.atoll.runtime.process.SupervisorBinary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The example runtime of this checkout, in a folder of its own.
record ExampleRuntime(Path folder) {
  static final Path PROGRAM = Path.of("../examples/runtime/plain.py").toAbsolutePath().normalize();

  PluginDriver driver() throws IOException, InterruptedException {
    return new PluginDriver(
        new PluginSettings("plain", PROGRAM, folder, SupervisorBinary.path()),
        PluginGate.OPEN,
        (image, line) -> {});
  }

  int pid() throws IOException {
    return Integer.parseInt(Files.readString(folder.resolve("pid")).strip());
  }

  /// Ends the runtime, and nothing that it runs.
  void kill() throws IOException {
    if (Files.exists(folder.resolve("pid"))) {
      boolean _ = Children.signal(pid(), Children.SIGKILL);
    }
  }

  static Workload workload(
      List<String> command, Map<String, String> env, Resources resources, int maxProcesses) {
    return new Workload(
        "plain",
        null,
        command,
        env,
        resources,
        maxProcesses,
        List.of(),
        false,
        Workload.Isolation.BARE);
  }
}
