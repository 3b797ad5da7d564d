package io.atoll.p2p.chat;

import java.time.Duration;

/// What peers may cost.
///
/// @param conversations that are kept; where a stranger's would be one too many, that of another
///     stranger goes
/// @param lines that are kept of each
/// @param burst lines that a peer may say at once
/// @param refill after which it may say one more
/// @param patience with one line and its answer
public record ChatLimits(
    int conversations, int lines, int burst, Duration refill, Duration patience) {
  /// UTF-8 bytes of a line.
  public static final int LONGEST = 4 << 10;

  public static ChatLimits defaults() {
    return new ChatLimits(64, 500, 20, Duration.ofMillis(500), Duration.ofSeconds(10));
  }
}
