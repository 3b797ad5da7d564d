package io.atoll.daemon.doctor;

import io.atoll.runtime.driver.Fingerprint.Finding;
import java.io.IOException;
import java.util.List;

/// One part of the machine, and how it is tried.
///
/// @param part for people: `data folder`
public record Examination(String part, Weight weight, Trial trial) {
  /// What it means if something of the part is missing.
  public enum Weight {
    /// No daemon works without it.
    NEEDED,
    /// A provider needs one of these.
    DRIVER,
    /// Good to know.
    NOTE
  }

  /// Tries it; on a thread of its own, interrupted when time is up.
  @FunctionalInterface
  public interface Trial {
    List<Finding> run() throws IOException, InterruptedException;
  }
}
