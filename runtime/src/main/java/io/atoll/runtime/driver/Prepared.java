package io.atoll.runtime.driver;

/// A place made ready for a payload. `close` before `start` undoes it; after `start` it does
/// nothing.
public interface Prepared extends AutoCloseable {
  /// Starts the payload. On return it is running, or has already ended.
  Activity start() throws DriverException, InterruptedException;

  @Override
  void close();
}
