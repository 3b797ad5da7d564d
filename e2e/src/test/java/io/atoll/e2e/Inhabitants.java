package io.atoll.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the machine itself knows of the processes of a task: those whose control group is named
/// after it.
///
/// @param processes threads, as limits count them
/// @param memory bytes in memory, shared pages counted for each
record Inhabitants(int processes, long memory) {
  static final Inhabitants NONE = new Inhabitants(0, 0);

  /// @param name part of the name of the control group
  static Inhabitants of(String name) throws IOException {
    int processes = 0;
    long memory = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        if (read(process.resolve("cgroup")).contains(name)) {
          String stat = read(process.resolve("stat"));
          String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
          if (fields.length > 21) {
            processes += Integer.parseInt(fields[17]);
            memory += Long.parseLong(fields[21]) << 12;
          }
        }
      }
    }
    return new Inhabitants(processes, memory);
  }

  Inhabitants most(Inhabitants other) {
    return new Inhabitants(Math.max(processes, other.processes), Math.max(memory, other.memory));
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
