package io.atoll.runtime.driver;

import java.util.Optional;

/// An activity beside whose payload commands can be run, and files packed and unpacked: in the same
/// namespaces and control groups, as the same user, with the same limits and filters, and no
/// capability more.
public interface Enterable {
  /// Begins a session. It ends with the payload at the latest.
  ///
  /// @throws DriverException CONFLICT if there is, or lately was, a session of that id, if the
  ///     activity is suspended or has ended; TOO_MANY_REQUESTS
  ExecSession exec(ExecSpec spec) throws DriverException, InterruptedException;

  /// A session that was begun, perhaps by an earlier daemon; it may have ended since.
  Optional<ExecSession> session(String id);
}
