package io.atoll.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A recipe of `docs/recipes.md`: its commands, as they stand there, run by a shell as somebody who
/// reads it would.
final class RecipePage {
  private static final Path PAGE = DaemonProcess.ROOT.resolve("docs/recipes.md");

  /// What a block has left running in the background when it fails, as a terminal would end it.
  private static final String ENDING =
      "trap 'test -z \"${!:-}\" || kill $! 2>/dev/null || true' EXIT\n";

  private final List<String> blocks;
  private final Path folder;
  private final Map<String, String> environment;

  private RecipePage(List<String> blocks, Path folder, Map<String, String> environment) {
    this.blocks = blocks;
    this.folder = folder;
    this.environment = environment;
  }

  /// @param title of the recipe
  /// @param folder in which the commands are run
  static RecipePage of(String title, Path folder, Pool pool) throws IOException {
    List<String> blocks = new ArrayList<>();
    boolean here = false;
    StringBuilder block = null;
    for (String line : Files.readAllLines(PAGE)) {
      if (block == null && line.startsWith("## ")) {
        here = line.equals("## " + title);
      } else if (block == null && here && line.equals("```sh")) {
        block = new StringBuilder();
      } else if (block != null && line.equals("```")) {
        blocks.add(block.toString());
        block = null;
      } else if (block != null) {
        block.append(line).append('\n');
      }
    }
    if (blocks.isEmpty()) {
      throw new IOException(PAGE + " has no commands under '" + title + "'");
    }
    Path programs = Files.createDirectories(folder.resolve("bin"));
    Path atoll = programs.resolve("atoll");
    String java =
        DaemonProcess.java().stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(atoll, "#!/bin/sh\nexec " + java + " io.atoll.daemon.Main \"$@\"\n");
    if (!atoll.toFile().setExecutable(true)) {
      throw new IOException(atoll + " cannot be made a program");
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", programs + ":" + System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
    environment.put("HOME", folder.toString());
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("ATOLL_HUB", pool.hub.api());
    environment.put("ATOLL_KEY", pool.hub.key());
    return new RecipePage(blocks, folder, environment);
  }

  /// The same with a port that is free here, in place of the page's.
  RecipePage withPort(int named, int free) {
    String word = "\\b" + named + "\\b";
    return new RecipePage(
        blocks.stream().map(block -> block.replaceAll(word, String.valueOf(free))).toList(),
        folder,
        environment);
  }

  int blocks() {
    return blocks.size();
  }

  /// Runs a block, and fails where it does.
  ///
  /// @param number from 0 on
  /// @return what it printed on both its streams
  String run(int number, Duration limit) throws IOException, InterruptedException {
    Path said = Files.createTempFile(folder, "block" + number + "-", ".out");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-eu", "-c", ENDING + blocks.get(number))
            .directory(folder.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process shell = builder.start();
    try {
      boolean ended = shell.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
      String text = Files.readString(said, StandardCharsets.UTF_8);
      if (!ended || shell.exitValue() != 0) {
        throw new AssertionError(
            (ended ? "status " + shell.exitValue() : "it did not end")
                + ":\n"
                + blocks.get(number)
                + "\n"
                + text);
      }
      return text;
    } finally {
      shell.descendants().forEach(ProcessHandle::destroy);
      shell.destroy();
    }
  }
}
