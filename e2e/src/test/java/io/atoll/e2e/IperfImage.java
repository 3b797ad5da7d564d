package io.atoll.e2e;

import io.atoll.core.os.FolderRemoval;
import io.atoll.runtime.docker.DockerEngine;
import io.atoll.runtime.docker.TestImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An image of busybox and this machine's own iperf3, with the libraries that it names: the very
/// program that measures outside of containers, too.
final class IperfImage {
  /// Where it is on this machine, and in the image.
  static final String PROGRAM = "/usr/bin/iperf3";

  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  private IperfImage() {}

  static void make(DockerEngine engine, String name) throws IOException, InterruptedException {
    Path program = Path.of(PROGRAM);
    if (!Files.isExecutable(program)) {
      throw new IOException("there is no " + PROGRAM + " here; run: apt-get install iperf3");
    }
    TestImages.make(engine, name);
    Path folder = Files.createTempDirectory("atoll-iperf-");
    try {
      copy(program, folder.resolve(PROGRAM.substring(1)));
      Matcher libraries = LIBRARY.matcher(libraries(program));
      while (libraries.find()) {
        copy(Path.of(libraries.group(1)), folder.resolve(libraries.group(1).substring(1)));
      }
      String container = engine.docker("create", "--network", "none", name, "true");
      engine.docker("cp", folder + "/.", container + ":/");
      engine.docker("commit", container, name);
      engine.docker("rm", container);
    } finally {
      FolderRemoval.remove(folder);
    }
  }

  private static String libraries(Path program) throws IOException, InterruptedException {
    Process ldd = new ProcessBuilder("ldd", program.toString()).redirectErrorStream(true).start();
    String said = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (ldd.waitFor() != 0) {
      throw new IOException("ldd " + program + ": " + said);
    }
    return said;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
    if (!to.toFile().setExecutable(true, false)) {
      throw new IOException(to + " cannot be made a program");
    }
  }
}
