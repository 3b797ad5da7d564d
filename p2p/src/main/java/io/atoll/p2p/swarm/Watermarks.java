package io.atoll.p2p.swarm;

import java.time.Duration;

/// How many connections are kept where more than enough come.
///
/// @param low what is left after trimming
/// @param high beyond which trimming begins
/// @param grace a connection so young is not judged yet
/// @param silence between one trimming and the next
public record Watermarks(int low, int high, Duration grace, Duration silence) {
  public Watermarks {
    if (low < 0 || high < low) {
      throw new IllegalArgumentException("watermarks " + low + " and " + high + " make no sense");
    }
  }

  /// Above what others alone may dial by default: a hub keeps all its providers, and what many
  /// passing peers add is trimmed.
  public static Watermarks defaults() {
    return new Watermarks(640, 800, Duration.ofSeconds(20), Duration.ofSeconds(10));
  }
}
