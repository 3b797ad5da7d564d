package io.atoll.p2p.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.multiformat.Protocol;
import io.atoll.p2p.security.tls.HostCertificate;
import io.atoll.p2p.testing.Later;
import io.atoll.p2p.transport.Connection;
import io.atoll.p2p.transport.DialOptions;
import io.atoll.p2p.transport.HandshakeLimits;
import io.atoll.p2p.transport.Listener;
import io.atoll.p2p.transport.MuxedStream;
import io.atoll.p2p.transport.Transport;
import io.atoll.p2p.transport.TransportContract;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class QuicTransportTest extends TransportContract {
  private static final Multiaddr ANY = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private final Map<Identity, Transport> nodes = new ConcurrentHashMap<>();

  @Override
  protected Transport transport(Identity identity, Duration handshake) {
    return new QuicTransport(HostCertificate.of(identity), new HandshakeLimits(handshake, 128, 64));
  }

  @Override
  protected List<Multiaddr> anywhere() {
    return List.of(ANY, Multiaddr.parse("/ip6/::1/udp/0/quic-v1"));
  }

  @Override
  protected Multiaddr nowhere() throws IOException {
    try (var socket = new DatagramSocket(0)) {
      return Multiaddr.parse("/ip4/127.0.0.1/udp/" + socket.getLocalPort() + "/quic-v1");
    }
  }

  /// Each handshake here costs a certificate of its own and many packets.
  @Override
  protected Duration handshake() {
    return Duration.ofSeconds(30);
  }

  /// A packet to nobody vanishes.
  @Override
  protected boolean noticesAbsence() {
    return false;
  }

  @Override
  protected Mute mute() throws IOException {
    var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    String text = "/ip4/127.0.0.1/udp/" + socket.getLocalPort() + "/quic-v1";
    return new Mute(Multiaddr.parse(text), socket);
  }

  /// Nobody hangs up on packets: they are dropped.
  @Override
  protected void sayAndWait(Multiaddr address, byte[] words) throws IOException {
    int port = Integer.parseInt(address.value(Protocol.UDP).orElseThrow());
    try (var socket = new DatagramSocket()) {
      InetAddress host = InetAddress.getLoopbackAddress();
      socket.send(new DatagramPacket(words, words.length, host, port));
    }
  }

  private record Pair(Listener listener, Connection dialled, Connection accepted)
      implements AutoCloseable {
    @Override
    public void close() {
      dialled.close();
      accepted.close();
      listener.close();
    }
  }

  private Pair pair() throws Exception {
    Identity bob = Identity.generate();
    Listener listener = transport(bob, LIMIT).listen(ANY);
    Connection dialled =
        transport(Identity.generate(), LIMIT)
            .dial(listener.address(), new DialOptions(bob.id(), LIMIT));
    return new Pair(listener, dialled, listener.accept());
  }

  @Test
  void knowsItsAddresses() {
    Transport quic = transport(Identity.generate(), LIMIT);
    for (String good : List.of("/ip4/1.2.3.4/udp/5/quic-v1", "/dns4/a.example/udp/5/quic-v1")) {
      assertThat(quic.handles(Multiaddr.parse(good))).isTrue();
    }
    for (String bad :
        List.of("/ip4/1.2.3.4/udp/5/quic", "/ip4/1.2.3.4/udp/5", "/ip4/1.2.3.4/tcp/5/quic-v1")) {
      assertThat(quic.handles(Multiaddr.parse(bad))).isFalse();
    }
  }

  @Test
  void aDialLeavesFromThePortThatListens() throws Exception {
    Identity alice = Identity.generate();
    Identity bob = Identity.generate();
    Transport here = transport(alice, LIMIT);
    try (Listener listening = here.listen(ANY);
        Listener there = transport(bob, LIMIT).listen(ANY);
        Connection dialled = here.dial(there.address(), new DialOptions(bob.id(), LIMIT));
        Connection accepted = there.accept();
        Connection back =
            transport(bob, LIMIT).dial(listening.address(), new DialOptions(alice.id(), LIMIT))) {
      assertThat(accepted.remoteAddress()).isEqualTo(listening.address());
      assertThat(dialled.localAddress()).isEqualTo(listening.address());
      assertThat(back.remote()).isEqualTo(alice.id());
      assertThat(listening.accept().remote()).isEqualTo(bob.id());
    }
  }

  @Test
  void megabytesGoThroughManyStreams() throws Exception {
    try (Pair pair = pair()) {
      byte[] data = new byte[3 << 20];
      new Random(4).nextBytes(data);
      var echoes =
          Later.run(
              () -> {
                for (int i = 0; i < 4; i++) {
                  MuxedStream stream = pair.accepted.accept();
                  Thread.startVirtualThread(
                      () -> {
                        try {
                          stream.in().transferTo(stream.out());
                          stream.close();
                        } catch (IOException e) {
                          stream.reset();
                        }
                      });
                }
                return true;
              });
      List<java.util.concurrent.CompletableFuture<Boolean>> same = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        MuxedStream stream = pair.dialled.open();
        var back = Later.run(() -> stream.in().readAllBytes());
        same.add(
            Later.run(
                () -> {
                  stream.out().write(data);
                  stream.out().close();
                  return Arrays.equals(back.get(), data);
                }));
      }
      for (var each : same) {
        assertThat(each.get()).isTrue();
      }
      assertThat(echoes.get()).isTrue();
      await().until(() -> pair.dialled.streams() == 0 && pair.accepted.streams() == 0);
    }
  }

  @Test
  void aPeerThatNeverReadsHoldsOnlyItsOwnStreamBack() throws Exception {
    try (Pair pair = pair()) {
      MuxedStream stalled = pair.dialled.open();
      var writing =
          Later.run(
              () -> {
                stalled.out().write(new byte[64 << 20]);
                return true;
              });
      pair.accepted.accept();
      Thread.sleep(500);
      assertThat(writing).isNotDone();
      MuxedStream other = pair.dialled.open();
      other.out().write(7);
      assertThat(pair.accepted.accept().in().read()).isEqualTo(7);
      stalled.reset();
      assertThatThrownBy(writing::get).hasMessageContaining("reset by this end");
    }
  }

  @Test
  void aResetIsSeenAtTheOtherEnd() throws Exception {
    try (Pair pair = pair()) {
      MuxedStream stream = pair.dialled.open();
      stream.out().write(1);
      MuxedStream far = pair.accepted.accept();
      assertThat(far.in().read()).isEqualTo(1);
      stream.reset();
      assertThatThrownBy(() -> far.in().read()).hasMessageContaining("reset by the peer");
      await().until(() -> pair.dialled.streams() == 0 && pair.accepted.streams() == 0);
    }
  }

  @Test
  void moreStreamsThanTheLimitGoOneAfterTheOther() throws Exception {
    try (Pair pair = pair()) {
      for (int i = 0; i < 600; i++) {
        MuxedStream stream = pair.dialled.open();
        stream.out().write(i);
        MuxedStream far = pair.accepted.accept();
        assertThat(far.in().read()).isEqualTo(i & 0xff);
        if (i % 2 == 0) {
          stream.reset();
          assertThatThrownBy(() -> far.in().read()).isInstanceOf(IOException.class);
        } else {
          stream.close();
          far.close();
        }
      }
      await().until(() -> pair.dialled.streams() == 0 && pair.accepted.streams() == 0);
    }
  }

  @Test
  void beyondTheLimitOpeningWaitsForAPlace() throws Exception {
    try (Pair pair = pair()) {
      List<MuxedStream> held = new ArrayList<>();
      for (int i = 0; i < 256; i++) {
        MuxedStream stream = pair.dialled.open();
        stream.out().write(1);
        held.add(stream);
      }
      var waiting = Later.run(pair.dialled::open);
      Thread.sleep(200);
      assertThat(waiting).isNotDone();
      MuxedStream far = pair.accepted.accept();
      held.getFirst().close();
      far.close();
      far.in().transferTo(java.io.OutputStream.nullOutputStream());
      MuxedStream next = waiting.get(5, java.util.concurrent.TimeUnit.SECONDS);
      next.out().write(9);
      held.forEach(MuxedStream::reset);
    }
  }
}
