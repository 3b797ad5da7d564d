package io.atoll.daemon.demo;

import io.atoll.client.cli.Terminal;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Helps a machine to its sandbox: names the one command that installs it, or runs it if asked to.
public final class Bubblewrap {
  private static final Path PROGRAM = Path.of("/usr/bin/bwrap");

  /// How the usual package managers install it, the first that is there.
  private static final List<List<String>> INSTALLERS =
      List.of(
          List.of("/usr/bin/apt-get", "install", "-y", "bubblewrap"),
          List.of("/usr/bin/dnf", "install", "-y", "bubblewrap"),
          List.of("/usr/bin/zypper", "install", "-y", "bubblewrap"),
          List.of("/usr/bin/pacman", "-S", "--noconfirm", "bubblewrap"),
          List.of("/sbin/apk", "add", "bubblewrap"));

  private Bubblewrap() {}

  /// Offers to install it where it is missing and could be. Goes on without it otherwise.
  ///
  /// @param yes install without asking
  public static void offer(Terminal terminal, boolean yes)
      throws IOException, InterruptedException {
    if (Files.isExecutable(PROGRAM) || !System.getProperty("os.name").equals("Linux")) {
      return;
    }
    PrintStream err = terminal.err();
    Optional<List<String>> installer =
        INSTALLERS.stream()
            .filter(words -> Files.isExecutable(Path.of(words.getFirst())))
            .findFirst();
    if (installer.isEmpty()) {
      err.println(
          "atoll: the sandbox needs the program bubblewrap (bwrap): install it with your package manager");
      return;
    }
    boolean root = System.getProperty("user.name").equals("root");
    String command = (root ? "" : "sudo ") + String.join(" ", installer.get());
    if (!root || !(yes || agreed(err, command))) {
      err.println("atoll: the sandbox needs bubblewrap; install it with: " + command);
      return;
    }
    err.println("atoll: running " + command);
    int code = new ProcessBuilder(installer.get()).inheritIO().start().waitFor();
    if (code != 0) {
      err.println("atoll: that failed with code " + code + "; going on without a sandbox's tasks");
    }
  }

  @SuppressWarnings("SystemConsoleNull") // the other checker says that it may be null
  private static boolean agreed(PrintStream err, String command) throws IOException {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return false;
    }
    err.print("atoll: the sandbox needs bubblewrap. Run `" + command + "` now? [y/N] ");
    err.flush();
    byte[] line = new byte[16];
    int count = System.in.read(line);
    return count > 0
        && new String(line, 0, count, StandardCharsets.UTF_8).strip().equalsIgnoreCase("y");
  }
}
