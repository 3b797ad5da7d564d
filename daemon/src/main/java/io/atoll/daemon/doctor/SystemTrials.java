package io.atoll.daemon.doctor;

import io.atoll.core.os.Native;
import io.atoll.runtime.driver.Fingerprint.Finding;
import io.atoll.runtime.driver.Fingerprint.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The Java that runs this, and the machine's clock.
public final class SystemTrials {
  private static final int LEAST_JAVA = 25;

  /// No Atoll is older.
  private static final Instant EARLIEST = Instant.parse("2025-09-01T00:00:00Z");

  private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");
  private static final Duration SET_BACK = Duration.ofMinutes(1);
  private static final String CLOCK_REMEDY =
      "set the clock, best by a time service: `timedatectl set-ntp true`";

  private SystemTrials() {}

  public static List<Finding> java() {
    List<Finding> findings = new ArrayList<>();
    Runtime.Version version = Runtime.version();
    String text = version + " in " + System.getProperty("java.home");
    findings.add(
        version.feature() >= LEAST_JAVA
            ? new Finding("version", Level.OK, text, "")
            : new Finding(
                "version", Level.MISSING, text, "install Java " + LEAST_JAVA + " or newer"));
    String missing = Native.missing();
    if (missing == null) {
      findings.add(new Finding("native calls", Level.OK, "they work", ""));
    } else {
      findings.add(
          new Finding(
              "native calls",
              Level.LIMITED,
              missing + ": no process driver",
              "a provider on this system works with the docker driver"));
    }
    return findings;
  }

  /// Whether the clock can be right: it is in our time, and was not set back behind what the daemon
  /// wrote.
  public static List<Finding> clock(Path dataDir) {
    Instant now = Instant.now();
    if (now.isBefore(EARLIEST) || now.isAfter(LATEST)) {
      return List.of(
          new Finding(
              "clock",
              Level.MISSING,
              "it says " + now + ": invites and leases would be judged by it",
              CLOCK_REMEDY));
    }
    Instant newest = newest(dataDir);
    if (newest.isAfter(now.plus(SET_BACK))) {
      return List.of(
          new Finding(
              "clock",
              Level.LIMITED,
              "it says " + now + ", but a file of the data folder is from " + newest,
              CLOCK_REMEDY));
    }
    return List.of(new Finding("clock", Level.OK, "it says " + now, ""));
  }

  private static Instant newest(Path folder) {
    Instant newest = Instant.EPOCH;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Instant written = Files.getLastModifiedTime(file).toInstant();
        newest = written.isAfter(newest) ? written : newest;
      }
    } catch (IOException e) {
      // The trial of the folder says what is wrong with it.
    }
    return newest;
  }
}
