package io.atoll.daemon.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.AdvertView;
import io.atoll.client.api.LatencyView;
import io.atoll.client.request.AdvertMapping;
import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.market.advert.AdvertData;
import io.atoll.market.advert.AdvertKind;
import io.atoll.market.advert.Adverts;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.mdns.MdnsSettings;
import io.atoll.p2p.pnet.NetworkKey;
import io.atoll.p2p.reach.ReachPolicy;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that nobody named meet on the network that they stand in: mDNS on loopback, at a port of
/// the test's own.
@Timeout(30)
class SurroundingsTest {
  private static final String EVERYWHERE = "/ip4/0.0.0.0/tcp/0";
  private static final Pace QUICK =
      new Pace(
          ReachPolicy.defaults(),
          Duration.ofSeconds(30),
          Duration.ofMillis(200),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          Duration.ofMillis(200),
          Duration.ofMillis(400));

  @TempDir Path folder;
  private final List<PeerNetwork> networks = new ArrayList<>();
  private MdnsSettings mdns = MdnsSettings.standard();

  @BeforeEach
  void choosePort() throws Exception {
    String loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()).getName();
    try (DatagramSocket free = new DatagramSocket()) {
      mdns =
          MdnsSettings.standard()
              .withPort(free.getLocalPort())
              .on(loopback)
              .withIntervals(Duration.ofMillis(200), Duration.ofSeconds(1));
    }
  }

  @AfterEach
  void stop() {
    networks.reversed().forEach(PeerNetwork::close);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(15)).pollInterval(Duration.ofMillis(50));
  }

  private NetworkSettings around(String... listen) {
    return NetworkSettings.at(listen).withSurroundings(new Surroundings(Optional.of(mdns), false));
  }

  private PeerNetwork up(NetworkSettings settings) throws IOException {
    return up(settings, adverts -> {});
  }

  private PeerNetwork up(NetworkSettings settings, Consumer<Adverts> roles) throws IOException {
    PeerNetwork network =
        PeerNetwork.open(
            folder.resolve("data" + networks.size()),
            Identity.generate(),
            settings,
            "atoll/9.1.0",
            QUICK);
    networks.add(network);
    network.start(roles);
    return network;
  }

  private static boolean met(PeerNetwork a, PeerNetwork b) {
    return a.host().connected(b.host().id());
  }

  @Test
  void peersOfOneNetworkMeetAndAHubAmongThemIsFound() throws Exception {
    PeerNetwork hub =
        up(
            around(EVERYWHERE),
            adverts ->
                adverts.advertise(
                    AdvertKind.HUB,
                    () -> AdvertData.OfHub.of("reef", "9.1.0", List.of("/ip4/10.0.0.1/tcp/1"))));
    PeerNetwork other = up(around(EVERYWHERE));
    soon().until(() -> met(other, hub));
    AdvertMapping.Query hubs =
        AdvertMapping.query(name -> name.equals("kind") ? Optional.of("hub") : Optional.empty());
    soon()
        .untilAsserted(
            () ->
                assertThat(new HeardAdverts(other.adverts()).find(hubs))
                    .extracting(AdvertView::peer_id)
                    .containsExactly(hub.host().id()));
    // Each measures the other, and says so.
    soon()
        .untilAsserted(
            () -> {
              LatencyView view =
                  LatencyDesk.view(
                      other.host().id(), other.parts().latency().table(), Duration.ofSeconds(1));
              assertThat(view.peers()).singleElement().matches(peer -> peer.confirmed());
              assertThat(view.reports()).isOne();
              assertThat(view.groups()).singleElement().matches(group -> group.size() == 2);
            });
  }

  @Test
  void whoListensOnLoopbackAloneIsNotToldOf() throws Exception {
    PeerNetwork inside = up(around("/ip4/127.0.0.1/tcp/0"));
    PeerNetwork outside = up(around(EVERYWHERE));
    soon().until(() -> outside.around().peers().isPresent());
    Thread.sleep(700);
    assertThat(inside.around().peers()).isEmpty();
    assertThat(met(outside, inside)).isFalse();
  }

  @Test
  void anotherNameOrAnotherKeyIsNotMet() throws Exception {
    PeerNetwork open = up(around(EVERYWHERE));
    PeerNetwork blue = up(around(EVERYWHERE).withRendezvous("blue"));
    NetworkKey key = NetworkKey.generate();
    PeerNetwork member = up(around(EVERYWHERE).withKey(key));
    PeerNetwork fellow = up(around(EVERYWHERE).withKey(key));
    soon().until(() -> met(member, fellow));
    assertThat(member.host().ping(fellow.host().id())).isPositive();
    assertThat(met(open, blue) || met(open, member) || met(blue, fellow)).isFalse();
    assertThat(member.host().swarm().dials().counts()).doesNotContainKey("failed");
  }

  /// What is known only of who was met decides afterwards, and before the next dial.
  @Test
  void whoIsNotWantedIsLeftAndNotDialledAgain() throws Exception {
    PeerNetwork plain = up(NetworkSettings.at(EVERYWHERE));
    PeerNetwork choosy =
        up(NetworkSettings.at(EVERYWHERE).withWanted(PeerFilter.parse("version>=9.2")));
    soon().until(() -> choosy.partsIfThere().isPresent());
    Meetings meetings = choosy.parts().meetings();
    List<Meetings.Found> found =
        List.of(
            new Meetings.Found(
                plain.host().id(),
                plain.host().swarm().listening().stream()
                    .map(at -> Multiaddr.parse(at.toString().replace("0.0.0.0", "127.0.0.1")))
                    .toList()));
    meetings.meet(found);
    soon().until(() -> meetings.left() == 1 && !met(choosy, plain));
    meetings.meet(found);
    assertThat(meetings.passedOver()).isOne();
    assertThat(met(choosy, plain)).isFalse();
  }
}
