package io.atoll.client.api;

import java.util.List;

/// What runs on a provider.
///
/// @param tasks of this hub
/// @param others how many tasks of other hubs
public record NodeTasks(List<NodeTask> tasks, int others) {
  public NodeTasks {
    tasks = List.copyOf(tasks);
  }
}
