package io.atoll.client.api;

import io.atoll.core.term.SnapshotName;
import java.time.Instant;

/// A moment of a run that it can go back to.
///
/// @param takenAt by the node's clock
/// @param bytes of memory that are kept for it
public record SnapshotView(SnapshotName name, Instant takenAt, long bytes) {}
