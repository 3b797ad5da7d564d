package io.atoll.daemon.provider.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Exit;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.core.term.Workload;
import io.atoll.market.activity.NodeReach;
import io.atoll.market.activity.Order;
import io.atoll.market.activity.ToHub;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the shell does once the changes are on disk, in order.
public sealed interface ProviderAction {
  /// Prepare and start; `RunnerExited` follows in any case.
  record StartRun(Order order) implements ProviderAction {}

  /// End it: cancels a start that is under way. May come again with a shorter grace; no effect on a
  /// run that has ended.
  record StopRun(RunId run, Duration grace, Exit.Cause cause) implements ProviderAction {}

  /// @param deep it should also give its memory back; also for a run that is suspended already
  record SuspendRun(RunId run, boolean deep) implements ProviderAction {}

  record ResumeRun(RunId run) implements ProviderAction {}

  /// Removes every folder of the task's runs, with their output, and what their driver holds for
  /// them.
  ///
  /// @param workload what is left of it; null if nothing of the task is known here
  record DropFolder(TaskId task, @Nullable Workload workload) implements ProviderAction {}

  /// Takes part in a network as it is from now on.
  ///
  /// @param reach where its other nodes are
  /// @param devices those that reach it through this node
  record PutNetwork(Membership membership, int mtu, List<NodeReach> reach, List<Device> devices)
      implements ProviderAction {
    public PutNetwork {
      reach = List.copyOf(reach);
      devices = List.copyOf(devices);
    }
  }

  record LeaveNetwork(NetworkId network) implements ProviderAction {}

  /// Another node is reached there for packets of networks.
  record Reach(NodeReach reach) implements ProviderAction {}

  /// Something for the log that should not be.
  record Complain(String what) implements ProviderAction {}

  record Send(PeerId hub, long session, ToHub message) implements ProviderAction {}

  /// The session is of no use: end it and dial again.
  ///
  /// @param reason for the log
  record Close(PeerId hub, long session, String reason) implements ProviderAction {}
}
