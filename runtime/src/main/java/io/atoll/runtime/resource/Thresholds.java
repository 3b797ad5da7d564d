package io.atoll.runtime.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Shares of the machine beyond which it takes no new work, each 0 to 1. What runs goes on.
public record Thresholds(double cpu, double memory, double disk) {
  /// 90 % of the processors, 85 % of the memory, 90 % of the disk.
  public static final Thresholds DEFAULT = new Thresholds(0.90, 0.85, 0.90);

  public Thresholds {
    check("cpu", cpu);
    check("memory", memory);
    check("disk", disk);
  }

  private static void check(String what, double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the " + what + " threshold is " + share + "; it must be above 0 and at most 1");
    }
  }

  /// What is beyond its threshold, each as a person would say it; empty = new work is welcome.
  public List<String> exceeded(Load load) {
    List<String> beyond = new ArrayList<>();
    note(beyond, "processors", load.cpu(), cpu);
    note(beyond, "memory", load.memory(), memory);
    note(beyond, "disk", load.disk(), disk);
    return List.copyOf(beyond);
  }

  private static void note(List<String> beyond, String what, double used, double most) {
    if (used > most) {
      beyond.add(
          String.format(
              Locale.ROOT, "%s: %.0f %% in use, limit %.0f %%", what, used * 100, most * 100));
    }
  }
}
