package io.atoll.daemon.rest;

import io.atoll.client.api.CpuView;
import io.atoll.client.api.GpuView;
import io.atoll.client.api.HostView;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.MemView;
import io.atoll.client.api.NodeTask;
import io.atoll.client.api.NodeTasks;
import io.atoll.client.api.NodeUsage;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.OsView;
import io.atoll.client.api.StorageView;
import io.atoll.client.api.TaskView;
import io.atoll.client.api.UsedView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.hub.MachineDesk;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The machines of the nodes of a hub in memory: all of them are the same one.
final class MemoryMachines implements MachineDesk {
  private final MemoryHub hub;

  /// What every question fails with; null = they are answered.
  volatile @Nullable ErrorCode failure;

  MemoryMachines(MemoryHub hub) {
    this.hub = hub;
  }

  private NodeView asked(String node) {
    ErrorCode code = failure;
    NodeView view = hub.node(node);
    if (code != null) {
      throw new AtollException(code, "node " + node + " does not say", "look there");
    }
    return view;
  }

  @Override
  public MachineView machine(String node) {
    NodeView asked = asked(node);
    return new MachineView(
        asked.id(),
        asked.name(),
        Instant.EPOCH,
        new CpuView("x86", List.of(32, 64), 8, 16),
        new MemView(5.5, 15.523),
        new StorageView(42.125),
        new OsView("Debian GNU/Linux 12 (bookworm)"),
        List.of(
            new GpuView("nvidia", "10de", "2684", "0000:01:00.0", "nvidia", "Example", 24.0, true),
            new GpuView("qemu", "1234", "1111", "0000:00:01.0", null, null, null, false)),
        new HostView(
            "reef.example", "Linux 6.1.0", "Example CPU", 16L << 30, 6L << 30, 1000, 400, "SSD"));
  }

  @Override
  public NodeUsage usage(String node) {
    asked(node);
    return new NodeUsage(
        Instant.EPOCH,
        0.375,
        List.of(0.5, 0.25, 0.125),
        new UsedView(10, 16),
        new UsedView(1, 2),
        93_784L,
        "MAINS");
  }

  @Override
  public NodeTasks tasks(String node) {
    asked(node);
    return new NodeTasks(
        assigned(node).stream()
            .map(
                task ->
                    new NodeTask(
                        task.id(),
                        task.name(),
                        task.epoch(),
                        task.driver(),
                        task.state().name(),
                        task.spec().workload().resources()))
            .toList(),
        2);
  }

  @Override
  public List<TaskView> assigned(String node) {
    return hub.tasks(false, null, 1000).stream().filter(task -> task.node() != null).toList();
  }

  @Override
  public Contact contact(PeerId node) {
    return new Contact("192.0.2.7:7464", List.of("site=attic"));
  }
}
