package io.atoll.runtime.resource;

import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When the owner of a machine needs it for themselves.
///
/// @param ownerCpu share of all processors, 0 to 1, that programs other than guests may use before
///     guests pause; null = whatever they use. Of no effect while it is not known what guests use
/// @param memoryAvailable bytes that must stay available; 0 = no such rule
/// @param hours of each day, in the machine's own time zone
/// @param onBattery whether guests may run on battery power
/// @param calm how long nothing may hold before guests go on
public record OwnerRules(
    @Nullable Double ownerCpu,
    long memoryAvailable,
    List<Hours> hours,
    boolean onBattery,
    Duration calm) {
  /// Guests run whatever happens.
  public static final OwnerRules NONE =
      new OwnerRules(null, 0, List.of(), true, Duration.ofSeconds(30));

  public OwnerRules {
    hours = List.copyOf(hours);
    if (ownerCpu != null && !(ownerCpu > 0 && ownerCpu <= 1)) {
      throw new IllegalArgumentException(
          "the owner's share of the processors is " + ownerCpu + "; it must be above 0, at most 1");
    }
    if (memoryAvailable < 0 || calm.isNegative()) {
      throw new IllegalArgumentException("neither memory nor calm can be negative");
    }
  }

  /// A part of each day, from one time to before another; over midnight if `to` is not later.
  public record Hours(LocalTime from, LocalTime to) {
    /// Reads `09:00-17:30`.
    ///
    /// @throws IllegalArgumentException if it is nothing of the kind
    public static Hours parse(String text) {
      String[] ends = text.strip().split("-", -1);
      try {
        if (ends.length == 2) {
          return new Hours(LocalTime.parse(ends[0].strip()), LocalTime.parse(ends[1].strip()));
        }
      } catch (java.time.format.DateTimeParseException e) {
        // Told below.
      }
      throw new IllegalArgumentException("'" + text + "' are no hours; write them as 09:00-17:30");
    }

    boolean contains(LocalTime time) {
      return from.isBefore(to)
          ? !time.isBefore(from) && time.isBefore(to)
          : !time.isBefore(from) || time.isBefore(to);
    }

    @Override
    public String toString() {
      return from + "-" + to;
    }
  }

  /// Whether there is any rule at all.
  public boolean any() {
    return ownerCpu != null || memoryAvailable > 0 || !hours.isEmpty() || !onBattery;
  }
}
