package io.atoll.runtime.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Installs what the tests need from the system's packages, and says so before it does.
final class TestPackages {
  private TestPackages() {}

  /// The program's path, installed first where it is missing.
  ///
  /// @throws IllegalStateException if it cannot be had: these tests are not to be skipped
  static synchronized Path program(String name, String debianPackages) {
    Path found = find(name);
    if (found == null) {
      System.err.println(
          "the tests of the docker driver need " + name + ": installing " + debianPackages);
      try {
        List<String> install =
            new ArrayList<>(List.of("apt-get", "install", "-y", "--no-install-recommends"));
        install.addAll(List.of(debianPackages.split(" ")));
        run(install);
      } catch (IOException e) {
        throw new IllegalStateException(
            "could not install " + debianPackages + "; run: apt-get install " + debianPackages, e);
      }
      found = find(name);
    }
    if (found == null) {
      throw new IllegalStateException("there is no " + name + " on this machine");
    }
    return found;
  }

  private static Path find(String name) {
    List<String> folders =
        new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":")));
    folders.addAll(List.of("/usr/sbin", "/sbin", "/usr/bin", "/bin"));
    for (String folder : folders) {
      Path program = Path.of(folder, name);
      if (!folder.isEmpty() && Files.isExecutable(program)) {
        return program;
      }
    }
    return null;
  }

  private static void run(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    try {
      int code = builder.start().waitFor();
      if (code != 0) {
        throw new IOException(String.join(" ", command) + " exited with " + code);
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }
}
