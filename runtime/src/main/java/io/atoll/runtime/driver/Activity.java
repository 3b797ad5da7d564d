package io.atoll.runtime.driver;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import java.time.Duration;
import java.util.List;

/// One run on this machine. It outlives the daemon. Methods may be called from any thread.
///
/// ```
/// RUNNING ⇄ SUSPENDED
///    └──→ TERMINATED ←─┘
/// ```
public interface Activity {
  enum State {
    RUNNING,
    SUSPENDED,
    TERMINATED
  }

  RunId id();

  State state();

  /// Published ports; empty until known and where there are none.
  List<Endpoint> endpoints();

  /// Waits for the end. On return the exit is on disk, all output is in the run's folder, and what
  /// the run held of the machine (cgroup, uid, processes, memory, ports, mounts) is free again. A
  /// container's writable layer may take a moment longer.
  Exit await() throws InterruptedException;

  /// Asks it to end (SIGTERM), and ends it (SIGKILL, every process of it) after `grace`. Returns
  /// once
  /// it has ended. A suspended activity is resumed for it. No effect on one that has ended.
  void stop(Duration grace) throws DriverException, InterruptedException;

  /// Stops its processor time; its memory stays. No effect when suspended.
  void suspend() throws DriverException, InterruptedException;

  void resume() throws DriverException, InterruptedException;

  Usage usage() throws DriverException;

  /// Ends it if it runs, and removes its folder with all output. Safe to call twice.
  void destroy() throws DriverException, InterruptedException;
}
