package io.atoll.runtime.driver;

/// Runs activities of one kind. Blocking; cancelled by interrupt; called on virtual threads.
///
/// Order of calls for one run: the caller journals its intent, then `prepare` and `start`. After a
/// restart of the daemon it calls `recover` for each run that it journalled and has seen no end of.
public interface Driver {
  /// The word users write: `process`, `docker`.
  String name();

  /// Tries what the driver needs and says what works. It never believes that a file's presence
  /// means
  /// that something works. May take seconds.
  Fingerprint fingerprint();

  /// Makes disk, sandbox and limits; the payload is not there yet. Undoes everything on failure.
  Prepared prepare(ActivitySpec spec) throws DriverException, InterruptedException;

  /// Finds a run again after the daemon died at any moment after the intent was journalled.
  Recovered recover(ActivitySpec spec) throws DriverException, InterruptedException;
}
