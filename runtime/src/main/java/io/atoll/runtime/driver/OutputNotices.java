package io.atoll.runtime.driver;

import java.time.Duration;

/// An activity that can say when there is more output, so that nobody has to ask again and again.
public interface OutputNotices {
  /// Waits until the payload has written more than `beyond` bytes, the activity has ended, or the
  /// time is over.
  ///
  /// @return how many bytes it has written so far, as far as is known
  long awaitOutput(long beyond, Duration atMost) throws InterruptedException;
}
