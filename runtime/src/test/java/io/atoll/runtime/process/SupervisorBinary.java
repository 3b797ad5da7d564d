package io.atoll.runtime.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The supervisor for this machine, built where it is missing or older than its source.
public final class SupervisorBinary {
  private SupervisorBinary() {}

  public static synchronized Path path() throws IOException, InterruptedException {
    Path root = root();
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    Process make =
        new ProcessBuilder("make", "-s", "ARCH=" + arch)
            .directory(root.resolve("supervisor").toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(make.getInputStream().readAllBytes());
    if (!make.waitFor(60, TimeUnit.SECONDS) || make.exitValue() != 0) {
      throw new IOException("building the supervisor failed:\n" + said);
    }
    return root.resolve("supervisor/build/" + arch + "/atoll-supervisor");
  }

  /// The top of the tree.
  private static Path root() {
    Path at = Path.of(System.getProperty("atoll.root", "")).toAbsolutePath();
    while (at != null && !Files.exists(at.resolve("supervisor/Makefile"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("no supervisor/ above the working folder");
    }
    return at;
  }
}
