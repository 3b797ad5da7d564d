package io.atoll.runtime.driver;

import io.atoll.core.term.SnapshotName;
import java.time.Instant;

/// A moment of a run that it can go back to.
///
/// @param bytes of memory that are kept for it; what the disk keeps is shared with others
public record Snapshot(SnapshotName name, Instant takenAt, long bytes) {}
