package io.atoll.daemon.unlimited;

import io.atoll.client.api.GpuView;
import io.atoll.client.api.HostView;
import io.atoll.client.api.MachineView;
import io.atoll.client.api.NodeView;
import io.atoll.client.api.TaskState;
import io.atoll.client.api.TaskView;
import io.atoll.core.term.Epoch;
import io.atoll.daemon.hub.HubApi;
import io.atoll.daemon.hub.MachineDesk;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The hub's providers as Golem Unlimited's users know them. Safe for several threads.
public final class UnlimitedPeers {
  private static final Set<String> CONNECTED = Set.of("ONLINE", "SUSPECT");

  private final HubApi hub;

  public UnlimitedPeers(HubApi hub) {
    this.hub = hub;
  }

  /// Those that are connected, by id.
  ///
  /// @param unused only those that answer and on which nothing of anybody runs
  public List<PeerInfo> list(boolean unused, long offset, long limit) {
    MachineDesk desk = hub.machines();
    return hub.nodes().stream()
        .filter(node -> CONNECTED.contains(node.state()))
        .filter(node -> !unused || idle(node))
        .sorted(Comparator.comparing(node -> node.id().text()))
        .skip(offset)
        .limit(limit)
        .map(
            node -> {
              MachineDesk.Contact contact = desk.contact(node.id());
              return new PeerInfo(node.id().text(), node.name(), contact.address(), contact.tags());
            })
        .toList();
  }

  private static boolean idle(NodeView node) {
    return node.state().equals("ONLINE") && node.runs() == 0 && node.free().equals(node.total());
  }

  /// @param peer a peer id or a name, here and below
  public PeerDetails details(String peer) {
    NodeView node = hub.node(peer);
    MachineDesk.Contact contact = hub.machines().contact(node.id());
    return new PeerDetails(
        node.id().text(),
        node.name(),
        contact.address(),
        contact.tags(),
        node.state(),
        hub.machines().assigned(node.id().text()).stream()
            .map(UnlimitedPeers::deployment)
            .toList());
  }

  private static Deployment deployment(TaskView task) {
    Epoch run = task.epoch();
    String name = task.name();
    return new Deployment(
        task.id().text(),
        name == null ? task.id().text() : name,
        status(task.state()),
        List.of(task.driver()),
        task.detail(),
        run == null ? Map.of() : Map.of(run.toString(), new Deployment.Child(List.of())));
  }

  private static String status(TaskState state) {
    return switch (state) {
      case QUEUED, STARTING -> "pending";
      case RUNNING -> "running";
      case SUSPENDED -> "configured";
      case STOPPING, SUCCEEDED, FAILED, STOPPED -> "destroying";
    };
  }

  public HardwareInfo hardware(String peer) throws InterruptedException {
    MachineView machine = hub.machines().machine(peer);
    HostView host = machine.host();
    return new HardwareInfo(
        gpus(machine.gpu()),
        new HardwareInfo.Ram(
            host.memoryAvailable() >> 10,
            (host.memory() - host.memoryAvailable()) >> 10,
            host.memory() >> 10),
        new HardwareInfo.Disk(
            host.diskAvailable(),
            host.disk(),
            host.diskKind().equals("UNKNOWN") ? Map.of("Unknown", -1) : host.diskKind()),
        system(hub.node(peer).os()),
        host.hostname(),
        machine.cpu().cores());
  }

  private static HardwareInfo.Gpus gpus(List<GpuView> all) {
    return new HardwareInfo.Gpus(
        of(all, "amd"),
        of(all, "nvidia"),
        of(all, "intel"),
        all.size() - of(all, "amd") - of(all, "nvidia") - of(all, "intel"));
  }

  private static int of(List<GpuView> all, String vendor) {
    return Math.toIntExact(all.stream().filter(gpu -> gpu.vendor().equals(vendor)).count());
  }

  private static @Nullable String system(String os) {
    return switch (os.toLowerCase(Locale.ROOT)) {
      case "linux" -> "Linux";
      case "macos" -> "MacOs";
      case "windows" -> "Windows";
      default -> null;
    };
  }
}
