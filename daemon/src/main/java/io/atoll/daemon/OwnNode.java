package io.atoll.daemon;

import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.market.activity.NodeReach;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.util.List;

/// The part that a hub which is no provider takes in its own networks: where its gates
/// are, and the door of its networks' devices.
final class OwnNode implements Hub.Own {
  private final NetworkDesk desk;

  OwnNode(Hub hub, NetworkDesk desk) {
    this.desk = desk;
    desk.listen(
        new NetworkDesk.Listener() {
          @Override
          public void key(NodeKey key) {
            hub.ownNews(key, null);
          }

          @Override
          public void door(NodeKey key) {
            hub.ownDoor(key);
          }

          @Override
          public void addresses(List<String> now) {
            hub.ownNews(null, now);
          }
        });
    hub.ownNews(null, desk.addresses());
  }

  @Override
  public void put(Membership now, int mtu, List<NodeReach> reach, List<Device> devices) {
    desk.put(now, mtu, reach, devices);
  }

  @Override
  public void leave(NetworkId network) {
    desk.leave(network);
  }
}
