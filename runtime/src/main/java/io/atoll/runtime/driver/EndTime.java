package io.atoll.runtime.driver;

import java.time.Instant;
import java.util.Optional;

/// An activity that knows when it ended, also where nobody watched.
public interface EndTime {
  /// By this machine's clock; empty before the end, and where it is not known.
  Optional<Instant> endedAt();
}
