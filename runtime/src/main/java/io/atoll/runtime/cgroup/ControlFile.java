package io.atoll.runtime.cgroup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/// Reading and writing the small files of which control groups are made.
final class ControlFile {
  private ControlFile() {}

  static void write(Path file, String text) throws IOException {
    try {
      Files.write(file, text.getBytes(US_ASCII), StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException("writing '" + text + "' to " + file + ": " + e.getMessage(), e);
    }
  }

  static boolean tryWrite(Path file, String text) {
    try {
      Files.write(file, text.getBytes(US_ASCII), StandardOpenOption.WRITE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /// The text without its line end; empty if it cannot be read.
  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /// The number that is the whole text, times a factor; -1 if there is none.
  static long number(Path file, long factor) {
    try {
      return Long.parseLong(read(file)) * factor;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /// The number behind a word at the start of a line; -1 if there is none.
  static long field(Path file, String word, long factor) {
    for (String line : read(file).split("\n")) {
      if (line.startsWith(word + " ")) {
        return Long.parseLong(line.substring(word.length() + 1).strip()) * factor;
      }
    }
    return -1;
  }

  /// Waits until a file says so; the kernel needs milliseconds for it.
  static void await(Path file, String text) throws IOException, InterruptedException {
    if (!says(file, text, Duration.ofSeconds(10))) {
      throw new IOException(file + " does not say '" + text + "' after 10 s");
    }
  }

  /// Whether a file says so within `patience`.
  static boolean says(Path file, String text, Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (!read(file).contains(text)) {
      if (System.nanoTime() > until) {
        return false;
      }
      Thread.sleep(1);
    }
    return true;
  }

  /// Removes a group if nothing is in it.
  static void removeGroup(Path group) {
    try {
      Files.deleteIfExists(group);
    } catch (IOException e) {
      // It holds something: then it is still needed.
    }
  }
}
