package io.atoll.runtime.driver;

/// An activity that can give its memory back while it is suspended: what it was goes to a file in
/// its folder, and nothing of it is left in the machine's memory. `resume` brings it back, also for
/// a later daemon. A stop with grace brings it back to be told; one without ends it where it lies.
public interface DeepSuspend {
  /// Suspends it, if it is not, and gives back memory, processor and control group. Its state is
  /// SUSPENDED, as before. No effect when that has happened, or when it has ended.
  ///
  /// @throws DriverException DISK_FULL or INTERNAL: it is suspended, in memory, and nothing is left
  ///     behind on disk
  void suspendDeep() throws DriverException, InterruptedException;

  /// Whether it is suspended without memory, as far as is known now.
  boolean deep();
}
