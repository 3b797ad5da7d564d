package io.atoll.daemon;

import io.atoll.client.config.Setting;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags of `atoll up` for [OwnerSettings].
final class OwnerOptions {
  @Option(
      names = "--owner-cpu",
      paramLabel = "PERCENT",
      description =
          "Tasks pause while programs that are no tasks use more of the processors. Has no effect"
              + " where control groups do not tell what tasks use.")
  @Nullable String cpu;

  @Option(
      names = "--owner-memory",
      paramLabel = "SIZE",
      description = "Tasks pause while less memory than this is available.")
  @Nullable String memory;

  @Option(
      names = "--owner-hours",
      paramLabel = "HH:MM-HH:MM",
      description = "Tasks pause at these hours of each day; several separated by commas.")
  @Nullable String hours;

  @Option(
      names = "--pause-on-battery",
      description = "Tasks pause while the machine runs on battery.")
  boolean battery;

  @Option(
      names = "--owner-calm",
      paramLabel = "SECONDS",
      description = "How long it must be calm before tasks go on (30).")
  @Nullable String calm;

  @Option(
      names = "--busy-cpu",
      paramLabel = "PERCENT",
      description =
          "No new work while programs that are no tasks use more of the processors, over some ten"
              + " seconds (90).")
  @Nullable String busyCpu;

  @Option(
      names = "--busy-memory",
      paramLabel = "PERCENT",
      description = "No new work while more of the memory is in use (85).")
  @Nullable String busyMemory;

  @Option(
      names = "--busy-disk",
      paramLabel = "PERCENT",
      description = "No new work while more of the disk is in use (90); 100 = never mind.")
  @Nullable String busyDisk;

  void into(Map<String, String> flags) {
    put(flags, OwnerSettings.CPU, cpu);
    put(flags, OwnerSettings.MEMORY, memory);
    put(flags, OwnerSettings.HOURS, hours);
    put(flags, OwnerSettings.BATTERY, battery ? "true" : null);
    put(flags, OwnerSettings.CALM, calm);
    put(flags, OwnerSettings.BUSY_CPU, busyCpu);
    put(flags, OwnerSettings.BUSY_MEMORY, busyMemory);
    put(flags, OwnerSettings.BUSY_DISK, busyDisk);
  }

  private static void put(Map<String, String> flags, Setting setting, @Nullable String value) {
    if (value != null) {
      flags.put(setting.name(), value);
    }
  }
}
