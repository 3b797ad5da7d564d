package io.atoll.runtime.driver;

import java.util.List;

/// What a driver can do on this machine, found out by trying.
///
/// @param driver its name
/// @param findings everything tried, in the order tried
public record Fingerprint(String driver, List<Finding> findings) {

  public Fingerprint {
    findings = List.copyOf(findings);
  }

  /// Whether the driver may be offered: nothing that it needs is missing.
  public boolean available() {
    return findings.stream().noneMatch(finding -> finding.level() == Finding.Level.MISSING);
  }

  /// One thing that was tried.
  ///
  /// @param what was tried, such as `sandbox` or `memory limit`
  /// @param level OK: works; LIMITED: the driver works without it; MISSING: the driver cannot work
  /// @param cause what was seen
  /// @param remedy what the operator can do; empty if OK
  public record Finding(String what, Level level, String cause, String remedy) {
    public enum Level {
      OK,
      LIMITED,
      MISSING
    }
  }
}
