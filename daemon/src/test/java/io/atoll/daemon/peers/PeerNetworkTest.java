package io.atoll.daemon.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.client.api.PeerView;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.kad.machine.Contact;
import io.atoll.p2p.reach.ReachPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What p2p has, put together as a daemon does: two to four nodes on loopback.
@Timeout(30)
class PeerNetworkTest {
  private static final String ANY = "/ip4/127.0.0.1/tcp/0";
  private static final Duration DIAL = Duration.ofSeconds(5);
  private static final Pace QUICK =
      new Pace(
          ReachPolicy.defaults().withPrivateAddresses().withAgreeing(1),
          Duration.ofMillis(200),
          Duration.ofMillis(200),
          Duration.ofMillis(300),
          Duration.ofMillis(500),
          Duration.ofMillis(300),
          Duration.ofMillis(500));

  /// On loopback nobody then finds out that he can be dialled, and only the server serves the DHT.
  private static final Pace UNSURE =
      new Pace(
          ReachPolicy.defaults(),
          QUICK.relayPatience(),
          QUICK.firstLook(),
          QUICK.nextLook(),
          QUICK.redial(),
          QUICK.measure(),
          QUICK.measureAgain());

  private Pace pace = QUICK;

  @TempDir Path folder;
  private final List<PeerNetwork> networks = new ArrayList<>();

  @AfterEach
  void stop() {
    networks.reversed().forEach(PeerNetwork::close);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(50));
  }

  private PeerNetwork up(NetworkSettings settings) throws IOException {
    return up(settings, Identity.generate(), folder.resolve("data" + networks.size()));
  }

  private PeerNetwork up(NetworkSettings settings, Identity identity, Path data)
      throws IOException {
    PeerNetwork network = PeerNetwork.open(data, identity, settings, "atoll/test", pace);
    networks.add(network);
    network.start(adverts -> {});
    soon().until(() -> network.partsIfThere().isPresent());
    return network;
  }

  private static List<Multiaddr> at(PeerNetwork network) {
    return network.host().listening().stream().map(Multiaddr::parse).toList();
  }

  private static PeerId id(PeerNetwork network) {
    return network.host().id();
  }

  private static PeerView view(PeerNetwork from, PeerNetwork to) {
    return new Ways(from.host(), from.parts().punch()::punched).of(id(to), null);
  }

  private static Callable<Boolean> connected(PeerNetwork from, PeerNetwork to) {
    return () -> from.host().connected(id(to));
  }

  @Test
  void nobodyIsContactedWhoWasNotNamed() throws Exception {
    PeerNetwork a = up(NetworkSettings.at(ANY).serving());
    PeerNetwork b = up(NetworkSettings.at(ANY));
    Thread.sleep(600);
    assertThat(a.host().swarm().connections()).isEmpty();
    assertThat(b.host().swarm().dials().counts()).isEmpty();
  }

  @Test
  void aBootstrapPeerThatComesBackIsDialledAgain() throws Exception {
    Identity identity = Identity.generate();
    Path data = folder.resolve("first");
    PeerNetwork first = up(NetworkSettings.at(ANY), identity, data);
    String address = first.host().listening().getFirst();
    PeerNetwork other =
        up(NetworkSettings.at(ANY).withBootstrap(List.of(Multiaddr.parse(address))));
    soon().until(connected(other, first));
    first.close();
    soon().until(() -> !other.host().connected(identity.id()));
    String same = Multiaddr.parse(address).withoutPeer().toString();
    PeerNetwork again = up(NetworkSettings.at(same), identity, data);
    soon().until(connected(other, again));
    // What the first life learnt, the second knows from the disk.
    assertThat(again.host().peers().find(id(other))).isPresent();
  }

  @Test
  void peersOfOneRendezvousMeetAndOthersDoNot() throws Exception {
    pace = UNSURE;
    PeerNetwork server = up(NetworkSettings.at(ANY).serving());
    NetworkSettings joined = NetworkSettings.at(ANY).withBootstrap(at(server));
    PeerNetwork a = up(joined.withRendezvous("red"));
    PeerNetwork b = up(joined.withRendezvous("red"));
    PeerNetwork c = up(joined.withRendezvous("blue"));
    soon().until(connected(a, b));
    soon().until(connected(c, server));
    Thread.sleep(800);
    assertThat(c.host().connected(id(a))).isFalse();
    assertThat(c.host().connected(id(b))).isFalse();
  }

  @Test
  void discoveryStopsAtTheBound() throws Exception {
    pace = UNSURE;
    PeerNetwork server = up(NetworkSettings.at(ANY).serving());
    NetworkSettings joined = NetworkSettings.at(ANY).withBootstrap(at(server)).withMaxHandshakes(1);
    PeerNetwork a = up(joined);
    PeerNetwork b = up(joined);
    soon().until(connected(a, server));
    soon().until(connected(b, server));
    Thread.sleep(1500);
    assertThat(a.host().connected(id(b))).isFalse();
  }

  @Test
  void whoCanBeDialledServesTheDht() throws Exception {
    PeerNetwork server = up(NetworkSettings.at(ANY).serving());
    PeerNetwork joined = up(NetworkSettings.at(ANY).withBootstrap(at(server)));
    soon().until(() -> joined.parts().kad().serves());
    soon()
        .until(
            () ->
                server.parts().kad().table().stream()
                    .map(Contact::id)
                    .anyMatch(id(joined)::equals));
  }

  @Test
  void whoListensNowhereIsReachedThroughTheServer() throws Exception {
    PeerNetwork server = up(NetworkSettings.at(ANY).serving());
    PeerNetwork hidden = up(NetworkSettings.at().withBootstrap(at(server)));
    soon().until(() -> !hidden.host().listening().isEmpty());
    String circuit = hidden.host().listening().getFirst();
    assertThat(circuit).contains("/p2p-circuit");
    PeerNetwork other = up(NetworkSettings.at());
    other.host().connect(id(hidden), List.of(circuit), DIAL);
    PeerView view = view(other, hidden);
    assertThat(view.way()).isEqualTo("RELAYED");
    assertThat(view.relay()).isEqualTo(id(server));
    assertThat(view.transport()).isEqualTo("tcp");
    assertThat(view.security()).isEqualTo("noise");
    assertThat(other.host().ping(id(hidden))).isPositive();
  }

  @Test
  void quicIsThereWhereTheSystemHasIt() throws Exception {
    PeerNetwork a = up(NetworkSettings.at(ANY).withListenToo("/ip4/127.0.0.1/udp/0/quic-v1"));
    soon().until(() -> a.host().listening().stream().anyMatch(each -> each.contains("/quic-v1")));
    PeerNetwork b = up(NetworkSettings.at());
    List<String> quic =
        a.host().listening().stream().filter(each -> each.contains("/quic-v1")).toList();
    b.host().connect(id(a), quic, DIAL);
    PeerView view = view(b, a);
    assertThat(view.way()).isEqualTo("DIRECT");
    assertThat(view.transport()).isEqualTo("quic");
    assertThat(view.security()).isEqualTo("tls");
  }

  @Test
  void anAddressThatCannotBeBoundTooLeavesTheRest() throws Exception {
    PeerNetwork a = up(NetworkSettings.at(ANY).withListenToo("/ip4/192.0.2.1/udp/1/quic-v1"));
    PeerNetwork b = up(NetworkSettings.at().withBootstrap(at(a)));
    soon().until(connected(b, a));
    assertThat(a.host().listening()).hasSize(1);
  }
}
