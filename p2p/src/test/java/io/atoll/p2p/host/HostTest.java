package io.atoll.p2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.identify.Identify;
import io.atoll.p2p.peer.KnownPeer;
import io.atoll.p2p.ping.Ping;
import io.atoll.p2p.testing.Later;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HostTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String ECHO = "/test/echo/1";
  private final List<Host> hosts = new ArrayList<>();

  @AfterEach
  void stop() {
    hosts.forEach(Host::close);
  }

  private NetworkHost start(HostConfig config) throws IOException {
    NetworkHost host = P2p.start(config);
    hosts.add(host);
    return host;
  }

  private static HostConfig listening() {
    return HostConfig.of(Identity.generate(), List.of("/ip4/127.0.0.1/tcp/0"));
  }

  private static HostConfig dialling() {
    return HostConfig.of(Identity.generate(), List.of());
  }

  private static void echo(Host host) {
    host.handle(
        ECHO,
        stream -> {
          stream.in().transferTo(stream.out());
          stream.out().close();
        });
  }

  private static String ask(Host host, PeerId peer, String text) throws Exception {
    try (Stream stream = host.open(peer, ECHO)) {
      stream.out().write(text.getBytes(StandardCharsets.UTF_8));
      stream.out().close();
      return new String(stream.in().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void bothEndsOpenStreamsOverTheOneConnectionThatOneDialled() throws Exception {
    Host hub = start(listening());
    Host provider = start(dialling());
    echo(hub);
    echo(provider);
    provider.connect(hub.id(), hub.listening(), TIMEOUT);
    assertThat(ask(provider, hub.id(), "to the hub")).isEqualTo("to the hub");
    await().until(() -> hub.connected(provider.id()));
    assertThat(ask(hub, provider.id(), "and back")).isEqualTo("and back");
    assertThat(provider.listening()).isEmpty();
  }

  @Test
  void identifiesAndPings() throws Exception {
    Host a = start(listening().withAgent("atoll/test"));
    Host b = start(listening());
    b.connect(a.id(), a.listening(), TIMEOUT);
    var said = P2p.identify(b, a.id());
    assertThat(said.agentVersion()).isEqualTo("atoll/test");
    assertThat(said.protocols()).contains(Identify.PROTOCOL, Ping.PROTOCOL);
    assertThat(said.key()).map(PeerId::of).contains(a.id());
    assertThat(said.listen())
        .map(address -> address.withPeer(a.id().text()).toString())
        .isEqualTo(a.listening());
    assertThat(said.observed().orElseThrow().toString()).startsWith("/ip4/127.0.0.1/tcp/");
    for (int i = 0; i < 10; i++) {
      assertThat(b.ping(a.id())).isPositive();
      assertThat(a.ping(b.id())).isPositive();
    }
  }

  @Test
  void bothEndsLearnWhatTheOtherIsAndEveryChange() throws Exception {
    NetworkHost a = start(listening().withAgent("atoll/a"));
    NetworkHost b = start(dialling());
    b.connect(a.id(), a.listening(), TIMEOUT);
    await().until(() -> a.peers().find(b.id()).filter(p -> !p.protocols().isEmpty()).isPresent());
    await().until(() -> b.peers().find(a.id()).filter(p -> p.record().isPresent()).isPresent());
    KnownPeer known = b.peers().find(a.id()).orElseThrow();
    assertThat(known.agent()).isEqualTo("atoll/a");
    assertThat(known.dialled()).isTrue();
    assertThat(b.peers().addresses(a.id()))
        .map(address -> address.withPeer(a.id().text()).toString())
        .isEqualTo(a.listening());
    long seq = known.record().orElseThrow().record().seq();
    echo(a);
    await()
        .untilAsserted(
            () -> assertThat(b.peers().find(a.id()).orElseThrow().protocols()).contains(ECHO));
    // The addresses are the same, so nothing was signed again.
    assertThat(b.peers().find(a.id()).orElseThrow().record().orElseThrow().record().seq())
        .isEqualTo(seq);
  }

  @Test
  void aPeerIsFoundByWhatIsKnownFromBefore() throws Exception {
    NetworkHost a = start(listening());
    NetworkHost b = start(dialling());
    assertThatThrownBy(() -> b.connect(a.id(), List.of(), TIMEOUT))
        .hasMessageContaining("no address of peer");
    b.peers()
        .learnAddresses(
            a.id(), List.of(Multiaddr.parse(a.listening().getFirst())), Duration.ofHours(1));
    b.connect(a.id(), List.of(), TIMEOUT);
    assertThat(b.connected(a.id())).isTrue();
  }

  @Test
  void saysWhatFailedAtEachAddress() throws Exception {
    Host a = start(listening());
    Host b = start(listening());
    int closedPort;
    try (var server = new ServerSocket(0)) {
      closedPort = server.getLocalPort();
    }
    String closed = "/ip4/127.0.0.1/tcp/" + closedPort;
    PeerId nobody = Identity.generate().id();
    String other = a.listening().getFirst().replaceAll("/p2p/.*", "");
    assertThatThrownBy(
            () ->
                b.connect(
                    nobody, List.of(closed, other, "/ip4/1.2.3.4/udp/1", "nonsense"), TIMEOUT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(closed + " (Connection refused)")
        .hasMessageContaining("somebody else is there: " + a.id())
        .hasMessageContaining("no transport here knows how to dial it")
        .hasMessageContaining("nonsense (that is no multiaddr)");
    b.connect(a.id(), List.of(closed, other), TIMEOUT);
    assertThat(b.connected(a.id())).isTrue();
    assertThatThrownBy(() -> b.connect(b.id(), b.listening(), TIMEOUT))
        .hasMessageContaining("does not dial itself");
    assertThatThrownBy(() -> b.open(nobody, ECHO)).hasMessageContaining("not connected");
    assertThatThrownBy(() -> b.open(a.id(), "/unknown"))
        .hasMessageContaining("the peer does not speak /unknown");
  }

  @Test
  void aLostConnectionWakesWhoeverIsBlocked() throws Exception {
    Host a = start(listening());
    Host b = start(dialling());
    CountDownLatch held = new CountDownLatch(1);
    CompletableFuture<Throwable> handler = new CompletableFuture<>();
    a.handle(
        "/hold",
        stream -> {
          held.countDown();
          try {
            stream.in().read();
            handler.complete(null);
          } catch (IOException e) {
            handler.complete(e);
          }
        });
    b.connect(a.id(), a.listening(), TIMEOUT);
    Stream stream = b.open(a.id(), "/hold");
    held.await();
    CompletableFuture<Throwable> reader = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            stream.in().read();
            reader.complete(null);
          } catch (IOException e) {
            reader.complete(e);
          }
        });
    long start = System.nanoTime();
    a.disconnect(b.id());
    assertThat(reader.get(5, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    assertThat(handler.get(5, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    await().until(() -> !b.connected(a.id()));
    b.connect(a.id(), a.listening(), TIMEOUT);
    assertThat(b.ping(a.id())).isPositive();
  }

  @Test
  void theGaterIsAskedAtBothEnds() throws Exception {
    Identity wanted = Identity.generate();
    Host picky =
        start(listening().withGater((remote, role, address) -> remote.equals(wanted.id())));
    Host stranger = start(dialling());
    Host friend = start(HostConfig.of(wanted, List.of()));
    stranger.connect(picky.id(), picky.listening(), TIMEOUT);
    await().until(() -> !stranger.connected(picky.id()));
    assertThat(picky.connected(stranger.id())).isFalse();
    friend.connect(picky.id(), picky.listening(), TIMEOUT);
    assertThat(friend.ping(picky.id())).isPositive();
    Host open = start(listening());
    assertThatThrownBy(() -> picky.connect(open.id(), open.listening(), TIMEOUT))
        .hasMessageContaining("is not admitted here");
  }

  @Test
  void dialledByBothAtOnceOneConnectionStaysAndWorks() throws Exception {
    for (int round = 0; round < 10; round++) {
      Host a = start(listening());
      Host b = start(listening());
      echo(a);
      echo(b);
      var one =
          Later.run(
              () -> {
                a.connect(b.id(), b.listening(), TIMEOUT);
                return ask(a, b.id(), "a");
              });
      var other =
          Later.run(
              () -> {
                b.connect(a.id(), a.listening(), TIMEOUT);
                return ask(b, a.id(), "b");
              });
      assertThat(one.get()).isEqualTo("a");
      assertThat(other.get()).isEqualTo("b");
      assertThat(a.ping(b.id())).isPositive();
      assertThat(b.ping(a.id())).isPositive();
      a.disconnect(b.id());
      await().until(() -> !a.connected(b.id()) && !b.connected(a.id()));
    }
  }

  @Test
  void aPeerBehindADeadLineIsNoticedByItsSilence() throws Exception {
    Duration interval = Duration.ofMillis(200);
    Duration timeout = Duration.ofMillis(500);
    Host hub = start(listening().withKeepAlive(interval, timeout));
    try (var line = new FreezableLine(hub.listening().getFirst())) {
      Host provider = start(dialling().withKeepAlive(interval, timeout));
      hub.handle("/hold", stream -> stream.in().read());
      provider.connect(hub.id(), List.of(line.address()), TIMEOUT);
      Stream stream = provider.open(hub.id(), "/hold");
      Thread.sleep(1500);
      assertThat(provider.connected(hub.id())).as("an idle connection lives").isTrue();
      line.freeze();
      long start = System.nanoTime();
      assertThatThrownBy(() -> stream.in().read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the peer is silent");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      await().until(() -> !hub.connected(provider.id()) && !provider.connected(hub.id()));
      provider.connect(hub.id(), hub.listening(), TIMEOUT);
      assertThat(provider.ping(hub.id())).isPositive();
    }
  }

  @Test
  void whoComesBackReplacesItsDeadConnectionAtOnce() throws Exception {
    Identity identity = Identity.generate();
    Host hub = start(listening());
    CompletableFuture<Throwable> old = new CompletableFuture<>();
    hub.handle(
        "/hold",
        stream -> {
          try {
            stream.in().read();
          } catch (IOException e) {
            old.complete(e);
          }
        });
    try (var line = new FreezableLine(hub.listening().getFirst())) {
      Host before = start(HostConfig.of(identity, List.of()));
      before.connect(hub.id(), List.of(line.address()), TIMEOUT);
      before.open(hub.id(), "/hold");
      await().until(() -> hub.connected(identity.id()));
      line.freeze();
      Host after = start(HostConfig.of(identity, List.of()));
      echo(after);
      after.connect(hub.id(), hub.listening(), TIMEOUT);
      assertThat(after.ping(hub.id())).isPositive();
      assertThat(old.get(3, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
      assertThat(ask(hub, identity.id(), "to the new one")).isEqualTo("to the new one");
    }
  }

  @Test
  void inboundConnectionsAreLimited() throws Exception {
    Host hub = start(listening().withMaxInbound(2));
    List<Host> dialled = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Host host = start(dialling());
      host.connect(hub.id(), hub.listening(), TIMEOUT);
      host.ping(hub.id());
      dialled.add(host);
    }
    Host third = start(dialling());
    third.connect(hub.id(), hub.listening(), TIMEOUT);
    await().until(() -> !third.connected(hub.id()));
    assertThat(hub.connected(third.id())).isFalse();
    dialled.getFirst().close();
    await().until(() -> !hub.connected(dialled.getFirst().id()));
    third.connect(hub.id(), hub.listening(), TIMEOUT);
    assertThat(third.ping(hub.id())).isPositive();
  }

  @Test
  void aHandlerThatThrowsResetsItsStreamAndNothingElse() throws Exception {
    Host a = start(listening());
    Host b = start(dialling());
    a.handle(
        "/io",
        stream -> {
          stream.in().read();
          throw new IOException("no");
        });
    a.handle("/nothing", stream -> {});
    b.connect(a.id(), a.listening(), TIMEOUT);
    Stream failed = b.open(a.id(), "/io");
    failed.out().write(1);
    assertThatThrownBy(() -> failed.in().read()).hasMessageContaining("reset by the peer");
    Stream ended = b.open(a.id(), "/nothing");
    assertThat(ended.in().read()).isEqualTo(-1);
    assertThat(b.ping(a.id())).isPositive();
  }

  @Test
  void aThousandStreamsFromOnePeer() throws Exception {
    Host a = start(listening());
    Host b = start(dialling());
    echo(a);
    b.connect(a.id(), a.listening(), TIMEOUT);
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String text = "stream " + i;
      answers.add(Later.run(() -> ask(b, a.id(), text)));
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(answers.get(i).get(20, TimeUnit.SECONDS)).isEqualTo("stream " + i);
    }
  }

  @Test
  void anUnspecifiedAddressIsSpelledOut() throws Exception {
    Host a = start(HostConfig.of(Identity.generate(), List.of("/ip4/0.0.0.0/tcp/0")));
    assertThat(a.listening())
        .anyMatch(address -> address.matches("/ip4/127.0.0.1/tcp/\\d+/p2p/" + a.id()))
        .noneMatch(address -> address.contains("0.0.0.0"));
    Host b = start(dialling());
    b.connect(a.id(), a.listening(), TIMEOUT);
    assertThat(b.ping(a.id())).isPositive();
  }

  @Test
  void whatCannotBeBoundIsSaidAndLeavesNothingBehind() throws Exception {
    Host a = start(listening());
    String taken = a.listening().getFirst().replaceAll("/p2p/.*", "");
    Identity identity = Identity.generate();
    assertThatThrownBy(() -> start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/tcp/0", taken))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on " + taken);
    assertThatThrownBy(() -> start(HostConfig.of(identity, List.of("/ip4/127.0.0.1/udp/0"))))
        .hasMessageContaining("no transport here can listen on");
    assertThatThrownBy(() -> start(HostConfig.of(identity, List.of("127.0.0.1:7464"))))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
