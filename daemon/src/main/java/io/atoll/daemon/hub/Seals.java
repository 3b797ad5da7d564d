package io.atoll.daemon.hub;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.machine.HubAction;
import io.atoll.daemon.hub.machine.NetworkPart;
import io.atoll.market.activity.NetworkPush;
import io.atoll.market.activity.ToProvider;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.device.SignedDevices;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Membership;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Signs what nodes are told of networks, as their owner. All nodes get the same seal of a version,
/// so it is made once. Used by one thread.
final class Seals {
  /// Of so many networks the newest seal is kept.
  private static final int KEPT = 1024;

  private record Sealed(long version, byte[] seal) {}

  private final Identity owner;
  private final Map<NetworkId, Sealed> newest = new HashMap<>();

  Seals(Identity owner) {
    this.owner = owner;
  }

  ToProvider.Networks message(HubAction.SendNetworks told) {
    List<NetworkPush> put = new ArrayList<>();
    for (NetworkPart part : told.parts()) {
      Membership after = part.after();
      Change change =
          Change.of(after, part.from(), part.members(), part.nodes(), part.egress(), seal(after));
      put.add(
          new NetworkPush(
              after.network().id(),
              part.mtu(),
              Json.mapper().valueToTree(after.network()),
              Json.mapper().valueToTree(change),
              devices(told.node(), part)));
    }
    return new ToProvider.Networks(put, told.gone(), told.reach());
  }

  private @Nullable String devices(PeerId node, NetworkPart part) {
    List<Device> devices = part.devices();
    Membership after = part.after();
    return devices == null
        ? null
        : Base64.getEncoder()
            .encodeToString(
                SignedDevices.seal(owner, after.network().id(), node, after.version(), devices));
  }

  private byte[] seal(Membership after) {
    NetworkId id = after.network().id();
    Sealed known = newest.get(id);
    if (known != null && known.version == after.version()) {
      return known.seal;
    }
    if (newest.size() >= KEPT) {
      newest.clear();
    }
    byte[] seal = Change.seal(owner, after);
    newest.put(id, new Sealed(after.version(), seal));
    return seal;
  }
}
