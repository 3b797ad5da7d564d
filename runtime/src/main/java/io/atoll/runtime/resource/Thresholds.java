package io.atoll.runtime.resource;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Shares of the machine beyond which it takes no new work, each 0 to 1. What runs goes on.
///
/// @param cpu of the processors, by programs that are no guests: what guests use was promised them
/// @param memory in use, by whomever
/// @param disk in use, by whomever
public record Thresholds(double cpu, double memory, double disk) {
  /// As much as was asked for is taken.
  public static final Thresholds NONE = new Thresholds(1, 1, 1);

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
  ///
  /// @param ownerCpu share of the processors that no guest used lately; below 0 = not known, and
  ///     then not judged
  public List<String> exceeded(double ownerCpu, Load load) {
    List<String> beyond = new ArrayList<>();
    note(beyond, "processors", ownerCpu, cpu);
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
