package io.atoll.scheduler.model;

/// Whether a provider takes tasks.
public enum Standing {
  READY,
  /// Takes no new tasks; what is there stays, and goes on.
  CORDONED,
  /// Is to be empty: what is there is stopped and goes elsewhere, but what keeps its place ends
  /// there.
  DRAINING,
  /// Joined, and not heard of since the hub started.
  NEW,
  /// Silent for a few heartbeats.
  SUSPECT,
  /// Silent for a lease.
  LOST
}
