package io.atoll.runtime.driver;

/// What `recover` found.
public sealed interface Recovered {
  /// Nothing was made: the payload provably never began, and may be started under the same epoch.
  record NeverStarted() implements Recovered {}

  /// It runs, is suspended, or has ended; a run whose end nobody saw has ended with
  /// `Exit.Cause.LOST`.
  record Found(Activity activity) implements Recovered {}
}
