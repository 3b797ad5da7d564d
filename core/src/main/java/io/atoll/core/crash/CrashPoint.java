package io.atoll.core.crash;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// A moment between deciding, committing and acting. With `-Datoll.crash=NAME:N` the process ends
/// there, when it is reached for the N-th time, as by kill -9: no shutdown hook, no flush. Without
/// the property `reach` does nothing.
public enum CrashPoint {
  /// The hub has decided; nothing is on disk.
  HUB_DECIDED,
  /// The hub has committed; nobody was told.
  HUB_COMMITTED,
  /// Replies and orders have left the hub's loop.
  HUB_ACTED,
  /// The provider has decided; nothing is journalled.
  PROVIDER_DECIDED,
  /// The provider has journalled; it has not acted.
  PROVIDER_JOURNALLED,
  /// The provider has acted on what it journalled.
  PROVIDER_ACTED,
  /// The run's driver was told to prepare.
  RUN_PREPARING,
  /// Everything but the payload is there.
  RUN_PREPARED,
  /// The payload began; the provider has not noted it.
  RUN_STARTED,
  /// The payload ended; the provider has not noted it.
  RUN_ENDED;

  private static final Map<CrashPoint, AtomicInteger> ARMED = armed();

  /// `run-started` for `RUN_STARTED`.
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public void reach() {
    if (!ARMED.isEmpty()) {
      AtomicInteger left = ARMED.get(this);
      if (left != null && left.decrementAndGet() == 0) {
        Runtime.getRuntime().halt(137);
      }
    }
  }

  private static Map<CrashPoint, AtomicInteger> armed() {
    Map<CrashPoint, AtomicInteger> armed = new EnumMap<>(CrashPoint.class);
    String setting = System.getProperty("atoll.crash", "");
    if (!setting.isEmpty()) {
      int colon = setting.indexOf(':');
      String name = colon < 0 ? setting : setting.substring(0, colon);
      int times = colon < 0 ? 1 : Integer.parseInt(setting.substring(colon + 1));
      armed.put(valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')), new AtomicInteger(times));
    }
    return armed;
  }
}
