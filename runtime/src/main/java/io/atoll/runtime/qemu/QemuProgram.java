package io.atoll.runtime.qemu;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A QEMU program of this machine and its version.
///
/// @param path the program, absolute
/// @param text the version as it says itself, such as `7.2.22`
public record QemuProgram(Path path, int major, int minor, String text) {
  private static final Pattern SAID = Pattern.compile("version (\\d+)\\.(\\d+)(\\.\\d+)*");
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /// Looks for the program in the folders given, then where this system's packages put it.
  ///
  /// @param architecture QEMU's word: `x86_64`, `aarch64`
  public static Optional<Path> find(String architecture, List<Path> first) {
    boolean windows = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("win");
    String name = "qemu-system-" + architecture + (windows ? ".exe" : "");
    List<Path> folders = new ArrayList<>(first);
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        folders.add(Path.of(folder));
      }
    }
    folders.add(Path.of("/usr/bin"));
    folders.add(Path.of("/usr/local/bin"));
    folders.add(Path.of("/opt/homebrew/bin"));
    folders.add(Path.of("C:\\Program Files\\qemu"));
    return folders.stream()
        .map(folder -> folder.resolve(name).toAbsolutePath())
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Asks the program for its version.
  ///
  /// @throws IOException if it does not run, or says no version
  public static QemuProgram ask(Path path) throws IOException, InterruptedException {
    Path file = path.toAbsolutePath();
    Path said = Files.createTempFile("qemu-version", ".txt");
    try {
      Process process =
          new ProcessBuilder(file.toString(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            file + " --version did not end in " + LIMIT.toSeconds() + " s; see what it waits for");
      }
      return parse(file, Files.readString(said, StandardCharsets.ISO_8859_1));
    } finally {
      Files.deleteIfExists(said);
    }
  }

  static QemuProgram parse(Path file, String said) throws IOException {
    Matcher matcher = SAID.matcher(said);
    if (!matcher.find() || matcher.group(1).length() > 4 || matcher.group(2).length() > 4) {
      throw new IOException(
          file + " --version says no version of QEMU; is it the program qemu-system-…?");
    }
    return new QemuProgram(
        file,
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        matcher.group().substring("version ".length()));
  }

  /// Whether it is of this version or newer.
  public boolean atLeast(int otherMajor, int otherMinor) {
    return major > otherMajor || (major == otherMajor && minor >= otherMinor);
  }

  /// The machine `q35` by the name that never changes its meaning: state saved on it can be
  /// restored by every later QEMU that knows the name.
  public String machine() {
    return "pc-q35-" + major + "." + minor;
  }
}
