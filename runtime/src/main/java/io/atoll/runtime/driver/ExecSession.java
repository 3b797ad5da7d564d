package io.atoll.runtime.driver;

import io.atoll.core.exec.ExecLine;

/// A command beside a payload. It is kept by a program of its own, and goes on when the daemon
/// ends.
public interface ExecSession {
  /// Connects to it; the newest connection takes the place of the one before. What goes over it is
  /// a conversation of `io.atoll.core.exec`.
  ///
  /// @throws DriverException GONE once it has ended and its end was acknowledged, or nobody was
  ///     connected for a minute
  ExecLine attach() throws DriverException;
}
