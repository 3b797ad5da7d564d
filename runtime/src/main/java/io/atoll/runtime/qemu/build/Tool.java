package io.atoll.runtime.qemu.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.error.ErrorCode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A program of this machine that a build calls. An interrupt ends it.
record Tool(Path program) {
  private static final int TAIL = 4;

  /// Finds a program on the path, or where administrators' programs lie.
  static Tool find(String name, String forWhat) throws BuildException {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    Optional<Path> found =
        List.of((path + ":/usr/sbin:/sbin").split(File.pathSeparator)).stream()
            .filter(folder -> !folder.isEmpty())
            .map(folder -> Path.of(folder, name))
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      throw new BuildException(
          ErrorCode.DRIVER_UNAVAILABLE,
          "the program '" + name + "' is not here; it " + forWhat,
          "on Debian: apt-get install mmdebstrap e2fsprogs qemu-utils lz4");
    }
    return new Tool(found.get());
  }

  /// Runs to its end, and fails if that is not well.
  ///
  /// @param line gets every line that it says
  void run(List<String> arguments, Map<String, String> env, Consumer<String> line)
      throws BuildException, IOException, InterruptedException {
    List<String> command = new java.util.ArrayList<>(List.of(program.toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(env);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    process.getOutputStream().close();
    Deque<String> tail = new ArrayDeque<>();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (BufferedReader in =
                      new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                    for (String each = in.readLine(); each != null; each = in.readLine()) {
                      synchronized (tail) {
                        tail.add(each);
                        if (tail.size() > TAIL) {
                          tail.remove();
                        }
                      }
                      line.accept(each);
                    }
                  } catch (IOException e) {
                    // It was ended.
                  }
                });
    try {
      int status = process.waitFor();
      reader.join();
      if (status != 0) {
        synchronized (tail) {
          String said = String.join(" | ", tail);
          boolean full = said.contains("No space left");
          throw new BuildException(
              full ? ErrorCode.DISK_FULL : ErrorCode.INTERNAL,
              program.getFileName() + " ended with " + status + ": " + said,
              full
                  ? "free some space and say it again: it goes on where it was"
                  : "say it again: it goes on where it was");
        }
      }
    } finally {
      if (process.isAlive()) {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      }
    }
  }
}
