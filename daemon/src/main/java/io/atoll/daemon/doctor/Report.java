package io.atoll.daemon.doctor;

import io.atoll.runtime.driver.Fingerprint.Finding;
import java.util.List;

/// What the doctor found.
///
/// @param ready whether nothing needed is missing and a provider could run something
/// @param drivers those that work
/// @param checks everything tried, in order
public record Report(boolean ready, List<String> drivers, List<Check> checks) {
  public Report {
    drivers = List.copyOf(drivers);
    checks = List.copyOf(checks);
  }

  /// @param part of the machine
  /// @param what was tried
  /// @param cause what was seen
  /// @param remedy what to do; empty if nothing
  public record Check(String part, String what, Finding.Level level, String cause, String remedy) {}
}
