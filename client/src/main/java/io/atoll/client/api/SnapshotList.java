package io.atoll.client.api;

import java.util.List;

/// @param snapshots oldest first
public record SnapshotList(List<SnapshotView> snapshots) {
  public SnapshotList {
    snapshots = List.copyOf(snapshots);
  }
}
