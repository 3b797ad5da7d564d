package io.atoll.core.os;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Whether native calls work here, found out by making one.
public final class Native {
  private static final boolean LINUX =
      System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux");

  private Native() {}

  public static boolean linux() {
    return LINUX;
  }

  /// Null if the calls of this package work; otherwise what is in the way.
  public static @Nullable String missing() {
    if (!LINUX) {
      return "this system is no Linux";
    }
    try {
      return Libc.probe() ? null : "the C library answers wrongly";
    } catch (LinkageError | IllegalCallerException e) {
      return "native calls are not possible: " + e.getMessage();
    }
  }
}
