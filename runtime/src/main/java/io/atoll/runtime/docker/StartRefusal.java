package io.atoll.runtime.docker;

import io.atoll.core.term.Exit;

/// What the engine's refusal to start a container says of the payload. The exit has the shell's
/// code where the program is at fault: 127 = it is not there, 126 = it may not be executed.
/// Another try would end the same.
final class StartRefusal {
  private StartRefusal() {}

  /// @param said by the engine, which hands on its runtime's words
  static Exit exit(String said) {
    return new Exit(Exit.Cause.START_FAILED, code(said), said);
  }

  private static int code(String said) {
    if (!said.contains("exec: ")) {
      return 125; // a mount, a cgroup: not the program
    }
    return said.contains("executable file not found") || said.contains("no such file or directory")
        ? 127
        : said.contains("permission denied") || said.contains("exec format error") ? 126 : 125;
  }
}
