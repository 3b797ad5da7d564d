package io.atoll.daemon.hub;

import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.TaskView;
import io.atoll.core.identity.PeerId;
import java.util.List;

/// What providers' machines are and do. Each question goes to the provider itself; `node` is a
/// peer id or a name. UNREACHABLE if the provider is away, TIMEOUT if it does not answer,
/// BAD_ANSWER if what it says cannot be.
public interface MachineDesk {
  MachineView machine(String node) throws InterruptedException;

  NodeUsage usage(String node) throws InterruptedException;

  NodeTasks tasks(String node) throws InterruptedException;

  /// What the hub knows of a node without asking it; of one that it does not know, nothing.
  Contact contact(PeerId node);

  /// The hub's tasks that are there, or on their way there, as the hub has them.
  List<TaskView> assigned(String node);

  /// @param address from where it is connected, as `host:port`; empty = not known
  /// @param tags its labels, as `name=value`
  record Contact(String address, List<String> tags) {
    public Contact {
      tags = List.copyOf(tags);
    }
  }
}
