package io.atoll.p2p.reach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.HostConfig;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.P2p;
import io.atoll.p2p.host.Stream;
import io.atoll.p2p.negotiate.Frame;
import io.atoll.p2p.reach.ReachClient.Found;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Both ends of both versions over loopback.
@Timeout(30)
class ReachTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final ReachPolicy LOOPBACK =
      ReachPolicy.defaults().withPrivateAddresses().withAgreeing(2);
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
  }

  private NetworkHost start(String... listen) throws IOException {
    NetworkHost host = P2p.start(HostConfig.of(Identity.generate(), List.of(listen)));
    open.add(host);
    return host;
  }

  private NetworkHost server(ReachPolicy policy) throws IOException {
    NetworkHost host = start("/ip4/127.0.0.1/tcp/0");
    open.add(ReachService.start(host, policy));
    return host;
  }

  /// A client that asks only when it is told to: it missed the moment when the server said who it
  /// is.
  private static ReachClient connected(NetworkHost node, NetworkHost server) throws Exception {
    node.connect(server.id(), server.listening(), TIMEOUT);
    await()
        .until(
            () ->
                node.peers()
                    .find(server.id())
                    .filter(known -> known.protocols().contains(AutonatV2.DIAL_REQUEST))
                    .isPresent());
    return ReachClient.start(node, LOOPBACK, _ -> {});
  }

  private static Multiaddr own(Host host) {
    return Multiaddr.parse(host.listening().getFirst()).withoutPeer();
  }

  private static Multiaddr closed() throws IOException {
    try (ServerSocket server = new ServerSocket(0)) {
      return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + server.getLocalPort());
    }
  }

  @Test
  void enoughServersMakeANodePublic() throws Exception {
    NetworkHost node = start("/ip4/127.0.0.1/tcp/0");
    List<Reachability> changes = new CopyOnWriteArrayList<>();
    ReachClient client = ReachClient.start(node, LOOPBACK, changes::add);
    NetworkHost first = server(LOOPBACK);
    node.connect(first.id(), first.listening(), TIMEOUT);
    NetworkHost second = server(LOOPBACK);
    node.connect(second.id(), second.listening(), TIMEOUT);
    await().until(() -> client.reachability() == Reachability.PUBLIC);
    assertThat(client.reachable()).containsExactly(own(node));
    await().until(() -> changes.equals(List.of(Reachability.PUBLIC)));
    // Who dialled back is gone again.
    await().until(() -> node.swarm().connections().size() == 2);
  }

  @Test
  void bothVersionsSayWhatTheyFound() throws Exception {
    NetworkHost node = start("/ip4/127.0.0.1/tcp/0");
    NetworkHost server = server(LOOPBACK);
    ReachClient client = connected(node, server);
    Multiaddr nothing = closed();
    assertThat(client.askFirst(server.id(), List.of(own(node))))
        .contains(new Found(own(node), true));
    assertThat(client.askFirst(server.id(), List.of(nothing))).contains(new Found(nothing, false));
    assertThat(client.askSecond(server.id(), List.of(own(node))))
        .contains(new Found(own(node), true));
    assertThat(client.askSecond(server.id(), List.of(nothing, own(node))))
        .contains(new Found(nothing, false));
  }

  @Test
  void anAddressOfAnotherHostCostsData() throws Exception {
    NetworkHost node = start("/ip4/127.0.0.2/tcp/0");
    NetworkHost server = server(LOOPBACK);
    ReachClient client = connected(node, server);
    assertThat(client.askSecond(server.id(), List.of(own(node))))
        .contains(new Found(own(node), true));
    // The first version does not dial such an address at all.
    assertThat(client.askFirst(server.id(), List.of(own(node)))).isEmpty();
  }

  @Test
  void privateAddressesAreRefusedWithoutTheSwitch() throws Exception {
    NetworkHost node = start("/ip4/127.0.0.1/tcp/0");
    NetworkHost server = server(ReachPolicy.defaults());
    ReachClient client = connected(node, server);
    assertThat(client.askFirst(server.id(), List.of(own(node)))).isEmpty();
    assertThat(client.askSecond(server.id(), List.of(own(node)))).isEmpty();
  }

  /// A server that says “reachable” and never dialled.
  @Test
  void aServerThatLiesIsNotBelieved() throws Exception {
    NetworkHost liar = start("/ip4/127.0.0.1/tcp/0");
    liar.handle(
        AutonatV2.DIAL_REQUEST,
        stream -> {
          Frame.read(stream.in(), AutonatV2.MAX_BYTES);
          Frame.write(stream.out(), new AutonatV2.Response(AutonatV2.OK, 0, AutonatV2.OK).encode());
        });
    NetworkHost node = start("/ip4/127.0.0.1/tcp/0");
    ReachClient client = connected(node, liar);
    assertThat(client.askSecond(liar.id(), List.of(own(node)))).isEqualTo(Optional.empty());
  }

  @Test
  void aServerIsNotMadeToDialWithoutEnd() throws Exception {
    NetworkHost server = server(new ReachPolicy(true, 2, 60, 3, Duration.ofSeconds(2)));
    NetworkHost node = start("/ip4/127.0.0.1/tcp/0");
    node.connect(server.id(), server.listening(), TIMEOUT);
    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      try (Stream stream = node.open(server.id(), AutonatV2.DIAL_REQUEST)) {
        Frame.write(
            stream.out(), new AutonatV2.Request(List.of(Optional.of(closed())), i).encode());
        if (AutonatV2.decode(Frame.read(stream.in(), AutonatV2.MAX_BYTES))
            instanceof AutonatV2.Response response) {
          answers.add(response.status());
        }
      }
    }
    assertThat(answers).containsExactly(200, 200, 200, 100, 100);
  }
}
