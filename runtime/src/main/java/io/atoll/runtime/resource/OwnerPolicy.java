package io.atoll.runtime.resource;

import io.atoll.core.term.ByteSize;
import java.time.LocalTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Decides, reading after reading, whether guests pause for the owner. Pure; owned by one thread.
///
/// They pause with the first reading that breaks a rule, and go on once none was broken for the
/// rules' calm time: so that they do not flutter.
public final class OwnerPolicy {
  private final OwnerRules rules;
  private @Nullable String reason;
  private long calmSince = -1;

  public OwnerPolicy(OwnerRules rules) {
    this.rules = rules;
  }

  /// @param nanos monotonic
  /// @param time of day where the machine stands
  /// @return why guests pause, for people; null = they run
  public @Nullable String step(long nanos, LocalTime time, Load load) {
    String broken = broken(time, load);
    if (broken != null) {
      calmSince = -1;
      reason = broken;
      return reason;
    }
    if (reason != null) {
      if (calmSince < 0) {
        calmSince = nanos;
      }
      if (nanos - calmSince >= rules.calm().toNanos()) {
        reason = null;
        calmSince = -1;
      }
    }
    return reason;
  }

  private @Nullable String broken(LocalTime time, Load load) {
    for (OwnerRules.Hours hours : rules.hours()) {
      if (hours.contains(time)) {
        return "its owner has it for themselves at " + hours;
      }
    }
    if (!rules.onBattery() && load.power() == Load.Power.BATTERY) {
      return "it runs on battery";
    }
    Double cpu = rules.ownerCpu();
    if (cpu != null && load.ownerCpu() > cpu) {
      return String.format(
          Locale.ROOT,
          "its owner uses %.0f %% of its processors, of which guests leave %.0f %%",
          load.ownerCpu() * 100,
          cpu * 100);
    }
    if (load.memoryAvailable() < rules.memoryAvailable()) {
      return "only "
          + ByteSize.format(load.memoryAvailable())
          + " of its memory are available, of which its owner keeps "
          + ByteSize.format(rules.memoryAvailable());
    }
    return null;
  }
}
