package io.atoll.core.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;

/// The scripts of a module's tests in `src/test/js`, and the packages that its lock pins, built in
/// `target/js`. The module is the folder that `basedir` names, as Maven sets it, or this one.
public final class NodePackages {
  /// Where scripts are to be started.
  public static final Path BUILT = module().resolve("target/js");

  private static final Path SOURCES = module().resolve("src/test/js");

  private NodePackages() {}

  private static Path module() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  }

  /// Puts the scripts there, and installs the packages unless the same are there already.
  ///
  /// @param missing what is said where there is no Node, and the test is left out
  /// @param npm what installs them, as `npm` understands it
  public static synchronized void install(String missing, String... npm)
      throws IOException, InterruptedException {
    if (!Programs.run("node", "--version") || !Programs.run("npm", "--version")) {
      throw new TestAbortedException(missing);
    }
    Files.createDirectories(BUILT);
    try (var scripts = Files.newDirectoryStream(SOURCES, "*.mjs")) {
      for (Path script : scripts) {
        Files.copy(
            script, BUILT.resolve(script.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Path lock = BUILT.resolve("package-lock.json");
    Path wanted = SOURCES.resolve("package-lock.json");
    if (Files.exists(BUILT.resolve("node_modules/.package-lock.json"))
        && Files.exists(lock)
        && Files.mismatch(lock, wanted) < 0) {
      return;
    }
    for (String file : List.of("package.json", ".npmrc", "package-lock.json")) {
      Files.copy(SOURCES.resolve(file), BUILT.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    List<String> command = new ArrayList<>(List.of("npm"));
    command.addAll(List.of(npm));
    command.addAll(List.of("--no-audit", "--no-fund"));
    Path log = BUILT.resolve("npm.log");
    int exit =
        new ProcessBuilder(command)
            .directory(BUILT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (exit != 0) {
      throw new IOException("npm failed with " + exit + ": " + Files.readString(log));
    }
    Files.copy(wanted, lock, StandardCopyOption.REPLACE_EXISTING);
  }
}
