package io.atoll.runtime.resource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How long a machine has been up, and how many programs wanted a processor on average.
///
/// @param seconds since its start; -1 = not known
/// @param load means of the last 1, 5 and 15 minutes; empty = not known
public record Uptime(long seconds, List<Double> load) {
  public Uptime {
    load = List.copyOf(load);
  }

  /// Reads `uptime` and `loadavg` (proc(5)).
  public static Uptime read(Path proc) {
    List<Double> load = numbers(proc.resolve("loadavg"), 3);
    List<Double> up = numbers(proc.resolve("uptime"), 1);
    return new Uptime(up.isEmpty() ? -1 : (long) Math.floor(up.getFirst()), load);
  }

  /// The first of a line; none where one of them is none.
  private static List<Double> numbers(Path file, int count) {
    try {
      String[] words = Files.readString(file).strip().split("\\s+");
      List<Double> numbers = new ArrayList<>();
      for (int i = 0; i < count && i < words.length; i++) {
        numbers.add(Double.parseDouble(words[i]));
      }
      return numbers.size() == count ? numbers : List.of();
    } catch (IOException | NumberFormatException e) {
      return List.of();
    }
  }
}
