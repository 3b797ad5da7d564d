package io.atoll.daemon;

import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NodeReach;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.time.Duration;
import java.util.List;

/// The part that a hub which is no provider takes in its own networks: where its gates
/// are, and the door of its networks' devices.
final class OwnNode implements Hub.Own, AutoCloseable {
  /// As providers do.
  private static final Duration COUNT_PAUSE = Duration.ofSeconds(2);

  private final Hub hub;
  private final NetworkDesk desk;
  private final Thread counter;

  OwnNode(Hub hub, NetworkDesk desk) {
    this.hub = hub;
    this.desk = desk;
    this.counter = Thread.ofVirtual().name("egress of the hub's own node").unstarted(this::count);
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
    counter.start();
  }

  private void count() {
    try {
      while (true) {
        Thread.sleep(COUNT_PAUSE);
        List<NetworkEgress> counted = desk.egress();
        if (!counted.isEmpty()) {
          hub.ownEgress(counted);
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    counter.interrupt();
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
