package io.atoll.runtime.driver;

import io.atoll.core.term.RunId;
import io.atoll.core.term.Workload;
import java.nio.file.Path;
import java.util.List;

/// What a driver is to run.
///
/// @param id names everything the driver makes, so that it finds it again
/// @param workload what to run
/// @param folder belongs to this run alone; the driver makes it, and its presence means that
///     starting began
/// @param cards one for each network that the payload is in
public record ActivitySpec(RunId id, Workload workload, Path folder, List<NetworkCard> cards) {
  public ActivitySpec {
    cards = List.copyOf(cards);
  }

  /// One without networks.
  public ActivitySpec(RunId id, Workload workload, Path folder) {
    this(id, workload, folder, List.of());
  }
}
