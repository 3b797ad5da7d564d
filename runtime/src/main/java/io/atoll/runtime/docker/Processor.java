package io.atoll.runtime.docker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// For which processors this machine's engine runs programs, in Go's words.
final class Processor {
  private static final Path EMULATORS = Path.of("/proc/sys/fs/binfmt_misc");

  /// What an emulator is called there, where that is another word.
  private static final Map<String, String> EMULATED =
      Map.of("amd64", "x86_64", "arm64", "aarch64", "386", "i386", "loong64", "loongarch64");

  /// What a processor runs beside its own.
  private static final Map<String, String> OLDER = Map.of("amd64", "386", "arm64", "arm");

  private Processor() {}

  static String here() {
    String name = System.getProperty("os.arch", "");
    return name.equals("aarch64") ? "arm64" : name;
  }

  /// Elsewhere than on Linux engines live in machines of their own, which emulate what is foreign.
  ///
  /// @param architecture empty if it is not known
  static boolean runs(String architecture) {
    return architecture.isEmpty()
        || architecture.equals(here())
        || architecture.equals(OLDER.get(here()))
        || !System.getProperty("os.name", "").equals("Linux")
        || Files.exists(
            EMULATORS.resolve("qemu-" + EMULATED.getOrDefault(architecture, architecture)));
  }
}
