package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.NetworkView;
import io.atoll.client.request.NetMapping;
import io.atoll.core.error.AtollException;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.daemon.hub.Hub;
import io.atoll.daemon.hub.machine.HubConfig;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.store.MemoryStore;
import io.atoll.daemon.store.Reserve;
import io.atoll.daemon.store.SeatRow;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.P2p;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The machine of a hub that is no provider, in the hub's own networks.
@Timeout(60)
class OwnNodeTest {
  @TempDir Path temp;
  private final Identity identity = Identity.generate();

  @Test
  void whatWouldLeaveFromThereIsCounted() throws Exception {
    try (Host host = P2p.start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0")));
        NetworkDesk desk = NetworkDesk.open(temp.resolve("net"), identity, null, 0, false);
        Hub hub =
            new Hub(
                HubConfig.defaults("test"),
                identity,
                host,
                new MemoryStore(),
                Reserve.of(temp),
                () -> "");
        OwnNode own = new OwnNode(hub, desk)) {
      hub.own(own);
      hub.start();
      NetworkView network =
          hub.createNetwork(new NetMapping.Wanted("mynet", Cidr.parse("10.7.0.0/24"), false));
      hub.takeSeat("mynet", SeatRow.Kind.GATE, "gate", "gate", identity.id(), null);
      await().until(() -> desk.known(network.id()) != null);
      Member gate = desk.known(network.id()).membership().members().get("gate");
      MemoryPort.Pair pair = MemoryPort.pair(Link.IP, 1420, Set.of());
      StackSettings settings =
          StackSettings.usual(
              (Inet4Address) gate.v4().toInet(), (Inet6Address) gate.v6().toInet(), 1420);
      try (StackAtPort stack = StackAtPort.start(settings, pair.other())) {
        assertThat(desk.attach(network.id(), "gate", pair.one(), null)).isTrue();
        InetAddress outside = InetAddress.getByName("192.0.2.1");
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(
                () -> {
                  tries(stack, outside);
                  assertThat(hub.network("mynet").egress().refused()).isPositive();
                });
        assertThat(hub.members("mynet").getFirst().egress().refused()).isPositive();
      }
    }
  }

  private static void tries(StackAtPort from, InetAddress outside) throws InterruptedException {
    try {
      var _ = from.stack().ping(outside, Duration.ofMillis(100));
    } catch (AtollException e) {
      // As it should be: nothing leaves.
    }
  }
}
