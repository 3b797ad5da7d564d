package io.atoll.p2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.testing.Later;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every transport promises. A subclass names the stack.
@Timeout(30)
public abstract class TransportContract {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /// That begin at the same moment.
  private static final int DIALLERS = 40;
  private final List<AutoCloseable> open = Collections.synchronizedList(new ArrayList<>());
  private final Identity alice = Identity.generate();
  private final Identity bob = Identity.generate();

  /// A transport of a node; its handshakes from outside may take `handshake`.
  protected abstract Transport transport(Identity identity, Duration handshake);

  /// Where a test may listen: any free port of loopback.
  protected abstract List<Multiaddr> anywhere();

  /// An address of loopback where nobody listens.
  protected abstract Multiaddr nowhere() throws IOException;

  /// How long a listener gives each handshake, also while all diallers share the processors.
  protected Duration handshake() {
    return Duration.ofMillis(1500);
  }

  /// Whether a dial learns that nobody is there before its time is over.
  protected boolean noticesAbsence() {
    return true;
  }

  /// An address of loopback where something listens that never says a word; closed by the test.
  protected Mute mute() throws IOException {
    var server = new java.net.ServerSocket(0);
    String port = "/tcp/" + server.getLocalPort();
    String text = anywhere().getFirst().toString().replace("/tcp/0", port);
    return new Mute(Multiaddr.parse(text), server);
  }

  public record Mute(Multiaddr address, AutoCloseable server) {}

  /// Says this to a listener, and nothing more; returns once the listener has hung up.
  protected void sayAndWait(Multiaddr address, byte[] words) throws IOException {
    int port = Integer.parseInt(address.value(Protocol.TCP).orElseThrow());
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10_000);
      try {
        socket.getOutputStream().write(words);
        socket.getInputStream().readAllBytes();
      } catch (java.net.SocketTimeoutException e) {
        throw e;
      } catch (IOException reset) {
        // Hung up on while it still spoke: good as well.
      }
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Listener listen(Multiaddr address) throws IOException {
    return listen(address, Duration.ofMillis(1500));
  }

  private Listener listen(Multiaddr address, Duration handshake) throws IOException {
    Listener listener = transport(bob, handshake).listen(address);
    open.add(listener);
    return listener;
  }

  private record Pair(Connection dialled, Connection accepted) {}

  private Pair connect(Listener listener) throws Exception {
    Connection dialled = dial(listener.address(), bob.id(), TIMEOUT);
    Connection accepted = listener.accept();
    open.add(accepted);
    return new Pair(dialled, accepted);
  }

  private Connection dial(Multiaddr address, PeerId expected, Duration timeout) throws Exception {
    Connection connection =
        transport(alice, TIMEOUT).dial(address, new DialOptions(expected, timeout));
    open.add(connection);
    return connection;
  }

  @Test
  void bothEndsKnowEachOtherAndOpenStreams() throws Exception {
    for (Multiaddr address : anywhere()) {
      Listener listener = listen(address);
      Pair pair = connect(listener);
      assertThat(pair.dialled.remote()).isEqualTo(bob.id());
      assertThat(pair.accepted.remote()).isEqualTo(alice.id());
      assertThat(pair.dialled.role()).isEqualTo(Role.INITIATOR);
      assertThat(pair.accepted.role()).isEqualTo(Role.RESPONDER);
      assertThat(pair.dialled.remoteAddress()).isEqualTo(listener.address());
      assertThat(pair.accepted.remoteAddress()).isEqualTo(pair.dialled.localAddress());
      exchange(pair.dialled, pair.accepted);
      exchange(pair.accepted, pair.dialled);
    }
  }

  private static void exchange(Connection from, Connection to) throws Exception {
    MuxedStream stream = from.open();
    stream.out().write("question".getBytes());
    stream.out().close();
    MuxedStream far = to.accept();
    assertThat(new String(far.in().readAllBytes())).isEqualTo("question");
    far.out().write("answer".getBytes());
    far.close();
    assertThat(new String(stream.in().readAllBytes())).isEqualTo("answer");
    await().until(() -> from.streams() == 0 && to.streams() == 0);
  }

  @Test
  void aPeerIdAtTheEndOfAnAddressIsNoObstacle() throws Exception {
    Listener listener = listen(anywhere().getFirst());
    Multiaddr named = listener.address().withPeer(bob.id().text());
    assertThat(transport(alice, TIMEOUT).handles(named)).isTrue();
    assertThat(dial(named, bob.id(), TIMEOUT).remote()).isEqualTo(bob.id());
  }

  @Test
  void whoeverIsNotExpectedIsHungUpOn() throws Exception {
    Listener listener = listen(anywhere().getFirst());
    assertThatThrownBy(() -> dial(listener.address(), Identity.generate().id(), TIMEOUT))
        .isInstanceOf(DialException.class)
        .hasMessageContaining("somebody else is there: " + bob.id());
    assertThatThrownBy(() -> Later.run(listener::accept).get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(java.util.concurrent.TimeoutException.class);
  }

  @Test
  void nobodyThereIsSaidAtOnce() throws Exception {
    Multiaddr nowhere = nowhere();
    Duration limit = noticesAbsence() ? TIMEOUT : Duration.ofMillis(500);
    long start = System.nanoTime();
    assertThatThrownBy(() -> dial(nowhere, bob.id(), limit)).isInstanceOf(DialException.class);
    assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(2).toNanos());
  }

  @Test
  void aDialHasALimitAndCanBeInterrupted() throws Exception {
    Mute mute = mute();
    try (var _ = mute.server()) {
      Multiaddr address = mute.address();
      assertThatThrownBy(() -> dial(address, bob.id(), Duration.ofMillis(200)))
          .isInstanceOf(DialException.class)
          .hasMessageContaining("no answer in 0.2 s");
      CompletableFuture<Throwable> seen = new CompletableFuture<>();
      Thread dialler =
          Thread.startVirtualThread(
              () -> {
                try {
                  dial(address, bob.id(), Duration.ofSeconds(20));
                } catch (Exception e) {
                  seen.complete(e);
                }
              });
      Thread.sleep(100);
      dialler.interrupt();
      assertThat(seen.get(2, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aMuteDiallerDoesNotHoldUpTheNextAndIsHungUpOn() throws Exception {
    Listener listener = listen(anywhere().getFirst());
    var mute =
        Later.run(
            () -> {
              sayAndWait(listener.address(), new byte[0]);
              return true;
            });
    connect(listener);
    assertThat(mute.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void garbageIsHungUpOnAndTheNextIsServed() throws Exception {
    Listener listener = listen(anywhere().getFirst());
    for (String garbage :
        List.of("\0", "GET / HTTP/1.1\r\n" + "x".repeat(200), "\u0013/multistream/1.0.0\nxxx")) {
      sayAndWait(listener.address(), garbage.getBytes());
    }
    connect(listener);
  }

  @Test
  void manyDiallersAtOnce() throws Exception {
    Listener listener = listen(anywhere().getFirst(), handshake());
    Duration patience = TIMEOUT.compareTo(handshake()) > 0 ? TIMEOUT : handshake();
    List<CompletableFuture<Connection>> dials = new ArrayList<>();
    for (int i = 0; i < DIALLERS; i++) {
      dials.add(Later.run(() -> dial(listener.address(), bob.id(), patience)));
    }
    // The dials first: one that failed says why, and would be waited for in vain.
    for (var dial : dials) {
      assertThat(dial.get().isOpen()).isTrue();
    }
    for (int i = 0; i < DIALLERS; i++) {
      open.add(listener.accept());
    }
  }

  @Test
  void theEndOfAConnectionIsSeenAtTheOther() throws Exception {
    Pair pair = connect(listen(anywhere().getFirst()));
    MuxedStream stream = pair.dialled.open();
    stream.out().write(1);
    MuxedStream far = pair.accepted.accept();
    assertThat(far.in().read()).isEqualTo(1);
    var blocked = Later.run(() -> far.in().read());
    var accepting = Later.run(pair.accepted::accept);
    pair.dialled.close();
    for (var waiting : List.of(blocked, accepting)) {
      assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(IOException.class);
    }
    assertThat(pair.dialled.isOpen()).isFalse();
    await().until(() -> !pair.accepted.isOpen());
    assertThatThrownBy(pair.dialled::open).isInstanceOf(IOException.class);
  }

  @Test
  void aClosedListenerAcceptsNoMore() throws Exception {
    Listener listener = listen(anywhere().getFirst());
    Multiaddr address = listener.address();
    Pair pair = connect(listener);
    var accepting = Later.run(listener::accept);
    listener.close();
    assertThatThrownBy(() -> accepting.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> dial(address, bob.id(), Duration.ofSeconds(1)))
        .isInstanceOf(DialException.class);
    exchange(pair.dialled, pair.accepted);
  }

  @Test
  void anAddressInUseIsSaidByName() throws Exception {
    Listener listener = listen(anywhere().getFirst());
    assertThatThrownBy(() -> listen(listener.address()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(listener.address().toString());
  }
}
