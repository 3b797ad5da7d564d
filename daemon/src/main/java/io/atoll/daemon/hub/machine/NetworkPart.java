package io.atoll.daemon.hub.machine;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a node is told of one network.
///
/// @param after who is in it
/// @param mtu the longest packet of IP in it
/// @param from the version that the node has; 0 = it gets the whole
/// @param members ids of those that are not what they were at `from`
/// @param nodes those whose keys are not
/// @param egress whether something else may leave it than at `from`
/// @param devices those that the node lets in; null = as at `from`
public record NetworkPart(
    Membership after,
    int mtu,
    long from,
    Set<String> members,
    Set<PeerId> nodes,
    boolean egress,
    @Nullable List<Device> devices) {
  public NetworkPart {
    members = Set.copyOf(members);
    nodes = Set.copyOf(nodes);
    devices = devices == null ? null : List.copyOf(devices);
  }
}
