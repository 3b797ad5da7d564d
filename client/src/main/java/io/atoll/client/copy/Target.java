package io.atoll.client.copy;

import java.io.IOException;
import java.io.InputStream;

/// Where files go to.
public interface Target {
  /// Takes them from a tar. Ends early if the thread is interrupted, and leaves nothing half made.
  ///
  /// @throws IOException what `tar` throws, as it is
  /// @throws io.atoll.core.error.AtollException for everything else that fails
  void take(InputStream tar) throws IOException, InterruptedException;

  /// Asks it to end soon. Any thread.
  default void stop() {}
}
