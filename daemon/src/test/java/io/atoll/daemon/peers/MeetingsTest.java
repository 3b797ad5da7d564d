package io.atoll.daemon.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.filter.PeerFacts;
import io.atoll.p2p.filter.PeerFilter;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MeetingsTest {
  private final List<NetworkHost> hosts = new ArrayList<>();
  private final Map<PeerId, PeerFacts> facts = new HashMap<>();
  private NetworkHost self;

  @BeforeEach
  void startSelf() throws IOException {
    self = start();
  }

  @AfterEach
  void stop() {
    hosts.forEach(NetworkHost::close);
  }

  private NetworkHost start() throws IOException {
    NetworkHost host =
        P2p.start(HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0")));
    hosts.add(host);
    return host;
  }

  private NetworkHost peer(String kind, int rttMillis) throws IOException {
    NetworkHost host = start();
    facts.put(host.id(), PeerFacts.NOTHING.withKind(kind).withRtt(Duration.ofMillis(rttMillis)));
    return host;
  }

  private Meetings meetings(int most, String wanted) {
    return new Meetings(
        self,
        most,
        PeerFilter.parse(wanted),
        PeerFilter.parse("kind=home"),
        peer -> facts.getOrDefault(peer, PeerFacts.NOTHING));
  }

  private static List<Meetings.Found> found(NetworkHost... hosts) {
    return List.of(hosts).stream()
        .map(
            host ->
                new Meetings.Found(
                    host.id(),
                    host.listening().stream()
                        .map(text -> Multiaddr.parse(text).withoutPeer())
                        .toList()))
        .toList();
  }

  @Test
  void itsOwnKindGoesFirstAndTheBoundHolds() throws Exception {
    NetworkHost server = peer("server", 1);
    NetworkHost near = peer("home", 10);
    NetworkHost far = peer("home", 90);
    Meetings meetings = meetings(2, "");
    meetings.meet(found(server, far, near));
    assertThat(self.connected(near.id())).isTrue();
    assertThat(self.connected(far.id())).isTrue();
    assertThat(self.connected(server.id())).isFalse();
    assertThat(meetings.room()).isFalse();
  }

  @Test
  void theFilterAnswersBeforeAnythingIsDialled() throws Exception {
    NetworkHost far = peer("home", 90);
    NetworkHost near = peer("home", 10);
    Meetings meetings = meetings(10, "rtt<50ms");
    meetings.meet(found(far, near));
    assertThat(self.connected(near.id())).isTrue();
    assertThat(self.swarm().dials().counts()).containsExactly(Map.entry("reached", 1L));
    assertThat(meetings.passedOver()).isOne();

    facts.put(near.id(), PeerFacts.NOTHING.withRtt(Duration.ofMillis(80)));
    meetings.review();
    assertThat(self.connected(near.id())).isFalse();
    assertThat(meetings.left()).isOne();
  }

  @Test
  void connectionsOfOthersAreNoneOfItsBusiness() throws Exception {
    NetworkHost named = peer("server", 500);
    self.connect(named.id(), named.listening(), Duration.ofSeconds(5));
    NetworkHost home = peer("home", 10);
    Meetings meetings = meetings(1, "rtt<50ms");
    meetings.meet(found(named, home));
    assertThat(self.connected(named.id())).isTrue();
    assertThat(self.connected(home.id())).isFalse(); // the one place is taken
  }
}
