package io.atoll.client.copy;

import java.io.IOException;
import java.io.OutputStream;

/// Where files come from.
public interface Source {
  /// Writes them as a tar. Ends early if the thread is interrupted.
  ///
  /// @throws IOException what `tar` throws, as it is
  /// @throws io.atoll.core.error.AtollException for everything else that fails
  void give(OutputStream tar) throws IOException, InterruptedException;

  /// Asks it to end soon. Any thread.
  default void stop() {}
}
