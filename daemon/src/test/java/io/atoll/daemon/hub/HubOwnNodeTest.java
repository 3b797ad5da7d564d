package io.atoll.daemon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.api.DeviceInvite;
import io.atoll.client.request.NetMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.store.Reserve;
import io.atoll.market.activity.NodeReach;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The machine of a hub that is no provider, as the hub knows it.
@Timeout(60)
class HubOwnNodeTest {
  @TempDir Path temp;
  private final Identity identity = Identity.generate();
  private final FullStore store = new FullStore();

  /// Says by which key devices know it when it lets the first one in, and never again.
  private final class OwnNode implements Hub.Own {
    private final Hub hub;
    private final Set<NetworkId> open = ConcurrentHashMap.newKeySet();

    OwnNode(Hub hub) {
      this.hub = hub;
      hub.ownNews(null, List.of("192.0.2.9:7470"));
    }

    @Override
    public void put(Membership now, int mtu, List<NodeReach> reach, List<Device> devices) {
      NetworkId network = now.network().id();
      if (!devices.isEmpty() && open.add(network)) {
        hub.ownDoor(NodeKey.sign(identity, network, new byte[32], Instant.now()));
      }
    }

    @Override
    public void leave(NetworkId network) {
      open.remove(network);
    }
  }

  private static NetMapping.Wanted wanted(String network) {
    return new NetMapping.Wanted(network, null, false);
  }

  private static DeviceInvite invite(Hub hub, String device) throws InterruptedException {
    return hub.devices().invite("mynet", new NetMapping.WantedDevice(device, null));
  }

  @Test
  void itIsADoorStillAfterACommitFailed() throws Exception {
    try (Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
        Hub hub =
            new Hub(
                HubConfig.defaults("test"), identity, host, store, Reserve.of(temp), () -> "")) {
      hub.own(new OwnNode(hub));
      hub.start();
      hub.createNetwork(wanted("mynet"));
      DeviceInvite phone = invite(hub, "phone");
      store.full = true;
      assertThatThrownBy(() -> hub.createNetwork(wanted("other")))
          .isInstanceOf(AtollException.class);
      store.full = false;
      assertThat(hub.networks()).as("by the machine that was loaded anew").hasSize(1);
      DeviceInvite laptop = invite(hub, "laptop");
      assertThat(laptop.device().doorKey()).isEqualTo(phone.device().doorKey());
      assertThat(laptop.device().endpoint()).isEqualTo("192.0.2.9:7470");
    }
  }
}
