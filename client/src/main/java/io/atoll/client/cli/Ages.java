package io.atoll.client.cli;

import java.time.Duration;
import java.time.Instant;

/// How long ago, in the one unit that matters: `42s`, `7m`, `3h`, `12d`.
final class Ages {
  private Ages() {}

  static String between(Instant then, Instant now) {
    long seconds = Math.max(0, Duration.between(then, now).toSeconds());
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 7200) {
      return seconds / 60 + "m";
    }
    return seconds < 172_800 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }
}
