package io.atoll.runtime.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Images of the tests, made from busybox alone.
public final class TestImages {
  /// A program that echoes on 7000/tcp and 7001/udp.
  public static final String ECHO = "/bin/echo-server";

  /// A program that sends one datagram and prints the answer: see `ask.c`.
  private static final String ASK = "/bin/ask";

  private static Path archive;

  private TestImages() {}

  /// Makes an image of busybox with all its names under /bin.
  ///
  /// @param changes instructions such as `CMD ["true"]`
  public static String make(DockerEngine engine, String name, String... changes)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("import"));
    for (String change : changes) {
      arguments.add("--change");
      arguments.add(change);
    }
    arguments.add("-");
    arguments.add(name);
    return engine.dockerWithInput(archive(), arguments.toArray(String[]::new));
  }

  /// Makes an image of busybox and a layer of random bytes on top, which nothing can compress.
  public static void large(DockerEngine engine, String name, int bytes) throws IOException {
    make(engine, name);
    Path file = Files.createTempFile("atoll-image", ".random");
    try {
      byte[] random = new byte[bytes];
      new Random().nextBytes(random);
      Files.write(file, random);
      String container = engine.docker("create", "--network", "none", name, "true");
      engine.docker("cp", file.toString(), container + ":/var/random");
      engine.docker("commit", container, name);
      engine.docker("rm", container);
    } finally {
      Files.delete(file);
    }
  }

  private static synchronized Path archive() throws IOException {
    if (archive != null) {
      return archive;
    }
    Path busybox = TestPackages.program("busybox", "busybox-static");
    Path root = Files.createTempDirectory("atoll-image");
    Path bin = Files.createDirectories(root.resolve("bin"));
    for (String folder : List.of("etc", "tmp", "proc", "sys", "dev", "root", "var")) {
      Files.createDirectory(root.resolve(folder));
    }
    Files.copy(busybox, bin.resolve("busybox"));
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nsomebody:x:1234:1234::/:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "root:x:0:\nsomebody:x:1234:\n");
    Process list = new ProcessBuilder(busybox.toString(), "--list").start();
    for (String name : new String(list.getInputStream().readAllBytes()).split("\n")) {
      if (!name.equals("busybox")) {
        Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
      }
    }
    compile("/echo.c", root.resolve(ECHO.substring(1)));
    compile("/ask.c", root.resolve(ASK.substring(1)));
    Path tar = Files.createTempFile("atoll-image", ".tar");
    tar.toFile().deleteOnExit();
    run(List.of("chmod", "1777", root.resolve("tmp").toString()));
    run(
        List.of(
            "tar", "-C", root.toString(), "--owner=0", "--group=0", "-cf", tar.toString(), "."));
    run(List.of("rm", "-rf", root.toString()));
    archive = tar;
    return archive;
  }

  /// Makes a program that needs nothing of an image.
  ///
  /// @param name of its source among the tests' resources
  public static void compile(String name, Path into) throws IOException {
    Path compiler = TestPackages.program("cc", "gcc libc6-dev");
    Path source = Files.createTempFile("tool", ".c");
    try (var in = TestImages.class.getResourceAsStream(name)) {
      Files.write(source, in.readAllBytes());
      run(List.of(compiler.toString(), "-O", "-static", "-o", into.toString(), source.toString()));
    } finally {
      Files.delete(source);
    }
  }

  private static void run(List<String> command) throws IOException {
    try {
      int code =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (code != 0) {
        throw new IOException(String.join(" ", command) + " exited with " + code);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
