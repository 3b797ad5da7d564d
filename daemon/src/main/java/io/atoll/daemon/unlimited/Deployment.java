package io.atoll.daemon.unlimited;

import java.util.List;
import java.util.Map;

/// What Golem Unlimited calls a deployment is a task here.
///
/// @param status pending, running, configured (it stands still) or destroying
/// @param tags its driver
/// @param note what the hub says of it
/// @param processes by id, each with its tags: the task's run, while it has one
public record Deployment(
    String id,
    String name,
    String status,
    List<String> tags,
    String note,
    Map<String, Child> processes) {
  public Deployment {
    tags = List.copyOf(tags);
    processes = Map.copyOf(processes);
  }

  /// A process of a deployment.
  public record Child(List<String> tags) {
    public Child {
      tags = List.copyOf(tags);
    }
  }
}
