package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.NetworkClient;
import io.atoll.client.api.BenchRequest;
import io.atoll.client.api.BenchView;
import io.atoll.client.api.DhtRequest;
import io.atoll.client.api.DhtStored;
import io.atoll.client.api.PeerView;
import io.atoll.client.api.SelfView;
import io.atoll.client.api.TraceStep;
import io.atoll.client.api.VersionView;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.daemon.peers.NetworkSettings;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two daemons, and what their owners ask about the network between them.
@Timeout(60)
class DaemonNetworkTest {
  private static final VersionView VERSION = new VersionView("test", "", "", "");
  private static final String ANY = "/ip4/127.0.0.1/tcp/0";

  @TempDir Path temp;
  private final List<Daemon> daemons = new ArrayList<>();

  @AfterEach
  void stop() {
    daemons.forEach(Daemon::close);
  }

  private Daemon up(String name, NetworkSettings network) throws Exception {
    Path data = temp.resolve(name);
    Daemon daemon =
        Daemon.start(
            new DaemonSettings(
                data,
                true,
                false,
                new InetSocketAddress("127.0.0.1", 0),
                network,
                List.of(),
                name,
                null,
                false,
                false,
                null,
                false,
                DaemonSettings.Machines.NONE,
                "",
                Map.of(),
                Map.of(),
                OwnerRules.NONE,
                Thresholds.NONE,
                null,
                NetSettings.USUAL,
                data.resolve("no-supervisor")),
            VERSION);
    daemons.add(daemon);
    return daemon;
  }

  private static NetworkClient client(Daemon daemon) throws Exception {
    return hub(daemon).network();
  }

  private static HubClient hub(Daemon daemon) throws Exception {
    String key = LocalKey.read(Path.of(daemon.bound().dataDir())).orElseThrow();
    URI api = URI.create(daemon.bound().api());
    return new HubClient(() -> new HubLocation(api, key, "test"));
  }

  @Test
  void hubsHearOfEachOtherUnlessOneIsQuiet() throws Exception {
    Daemon server = up("server", NetworkSettings.at(ANY).serving());
    Multiaddr there = Multiaddr.parse(server.bound().listen().getFirst());
    NetworkSettings joined = NetworkSettings.at(ANY).withBootstrap(List.of(there));
    Daemon quiet = up("quiet", joined.withoutAdverts());
    Daemon other = up("other", joined);
    for (Daemon each : List.of(server, quiet, other)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions() // they take no part yet
          .untilAsserted(
              () ->
                  assertThat(hub(each).adverts(Map.of("kind", "hub")))
                      .extracting(advert -> advert.data().path("name").asText())
                      .containsExactlyInAnyOrder("server", "other"));
    }
    assertThat(hub(other).adverts(Map.of())).isEmpty();
  }

  @Test
  void ownersSeeAndUseTheNetwork() throws Exception {
    Daemon server = up("server", NetworkSettings.at(ANY).serving());
    Multiaddr there = Multiaddr.parse(server.bound().listen().getFirst());
    Daemon joined = up("joined", NetworkSettings.at(ANY).withBootstrap(List.of(there)));
    NetworkClient network = client(joined);
    String peer = server.bound().peerId();
    await().atMost(Duration.ofSeconds(10)).until(() -> network.status(peer).connected());
    PeerView status = network.status(peer);
    assertThat(status.way()).isEqualTo("DIRECT");
    assertThat(status.transport()).isEqualTo("tcp");
    assertThat(status.security()).isEqualTo("noise");
    assertThat(status.rttMillis()).isPositive();
    assertThat(status.addresses()).isNotEmpty();
    assertThat(network.peers(false)).extracting(view -> view.peer().text()).containsExactly(peer);
    assertThat(network.ping(peer, List.of())).isPositive();
    assertThat(network.find(peer).source()).isEqualTo("CONNECTED");
    SelfView self = network.self();
    assertThat(self.listen()).isEqualTo(joined.bound().listen());
    assertThat(self.bootstrap()).containsExactly(there.toString());

    await().atMost(Duration.ofSeconds(10)).until(() -> !network.dht().peers().isEmpty());
    DhtStored stored = network.putIntoDht(new DhtRequest("note", "gone fishing", null));
    assertThat(stored.peers()).isOne();
    assertThat(client(server).dht().records())
        .anySatisfy(kept -> assertThat(kept.key()).isEqualTo(stored.key()));
    assertThat(network.dhtValue(stored.key()).text()).isEqualTo("gone fishing");
    assertThat(network.dhtValue(stored.key()).author()).isEqualTo(self.peer());

    BenchView bench = network.bench(peer, new BenchRequest("1Mi", "2Mi", null));
    assertThat(bench.uploadMillis()).isPositive();
    assertThat(bench.downloadMillis()).isPositive();
    assertThatThrownBy(
            () -> client(server).bench(self.peer().text(), new BenchRequest("0", "1", null)))
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE);
              assertThat(e.hint()).contains("p2p.bench");
            });

    List<TraceStep> steps =
        network.trace(peer, List.of("/ip4/127.0.0.1/tcp/1/p2p/" + peer)).steps();
    assertThat(steps.getFirst().reached()).isFalse();
    assertThat(steps.getFirst().detail()).isNotEmpty();
    assertThat(steps).anySatisfy(step -> assertThat(step.rttMillis()).isPositive());

    assertThat(network.streams())
        .anySatisfy(stream -> assertThat(stream.from_peer().text()).isEqualTo(peer));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> metrics(joined).contains("atoll_p2p_gossip_peers 1"));
    assertThat(metrics(joined))
        .contains(
            "atoll_p2p_connections{direction=\"out\"} 1",
            "atoll_p2p_dials_total{outcome=\"reached\"}",
            "atoll_p2p_dht_peers 1",
            "atoll_p2p_streams");
  }

  @Test
  void whatCannotBeIsSaidWithACode() throws Exception {
    Daemon alone = up("alone", NetworkSettings.at(ANY));
    NetworkClient network = client(alone);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> network.self().dht().equals("CLIENT")); // the parts are there
    String self = alone.bound().peerId();
    String stranger = io.atoll.core.identity.Identity.generate().id().text();
    refused(() -> network.dial(self, List.of()), ErrorCode.BAD_REQUEST);
    refused(() -> network.dial(stranger, List.of()), ErrorCode.UNREACHABLE);
    refused(() -> network.dial(stranger, List.of("/ip4/127.0.0.1/tcp/1")), ErrorCode.UNREACHABLE);
    refused(() -> network.dial("nobody", List.of()), ErrorCode.NOT_FOUND);
    refused(() -> network.find(stranger), ErrorCode.NOT_FOUND);
    refused(() -> network.trace(stranger, List.of()), ErrorCode.NOT_FOUND);
    refused(() -> network.dhtValue("/atoll/note/" + self), ErrorCode.NOT_READY);
    refused(() -> network.putIntoDht(new DhtRequest("note", "x", null)), ErrorCode.NOT_READY);
    assertThat(network.status(stranger).way()).isEqualTo("NONE");
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).isNotEmpty();
            });
  }

  private static String metrics(Daemon daemon) throws Exception {
    try (java.net.http.HttpClient http = java.net.http.HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(daemon.bound().api() + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
