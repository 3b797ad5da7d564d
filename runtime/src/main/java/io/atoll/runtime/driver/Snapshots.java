package io.atoll.runtime.driver;

import io.atoll.core.term.SnapshotName;
import java.util.List;

/// What an activity can do whose memory, devices and disk can be kept together, beside
/// [Activity]. A snapshot lives as long as its run, also over restarts of the daemon; each verb may
/// take as long as writing or reading the payload's memory takes, and the payload stands still
/// meanwhile.
public interface Snapshots {
  /// Oldest first.
  List<Snapshot> snapshots() throws DriverException, InterruptedException;

  /// Keeps the run as it is now. On failure the run goes on, and nothing is left.
  ///
  /// @throws DriverException CONFLICT if the name is taken or the run has ended, DISK_FULL
  Snapshot takeSnapshot(SnapshotName name) throws DriverException, InterruptedException;

  /// Puts the run back to where it was: the same run, with its name, addresses and output so far.
  /// It runs or stands still afterwards as it did before the call.
  ///
  /// @throws DriverException NOT_FOUND, or CONFLICT if the run has ended
  void restoreSnapshot(SnapshotName name) throws DriverException, InterruptedException;

  /// @throws DriverException NOT_FOUND, or CONFLICT if the run has ended
  void removeSnapshot(SnapshotName name) throws DriverException, InterruptedException;
}
