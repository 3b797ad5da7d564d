package io.atoll.vpn.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.noise.CookieJar;
import io.atoll.vpn.wireguard.noise.Message;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What strangers send, and how much of it.
class FloodTest {
  @Test
  void aBusyNodeAsksForACookieAndTheRealPeerBringsIt() {
    TwoNodes two = new TwoNodes(1);
    two.b.engine.alwaysAskForCookies(true);
    two.aSends(1);
    two.net.pass(Duration.ofSeconds(4));
    assertThat(two.b.arrived).isEmpty();
    assertThat(two.b.engine.counted(Outcome.COOKIE_GIVEN)).isEqualTo(1);
    two.net.pass(Duration.ofSeconds(3));
    assertThat(two.b.arrived).as("the next try has the cookie").hasSize(1);
    two.net.pass(Duration.ofSeconds(100));
    two.a.engine.rekey(two.toB);
    two.net.pass(Duration.ofSeconds(1));
    assertThat(two.toB.sessions()).as("the cookie is good for two minutes").isEqualTo(2);
  }

  /// 200 networks on the socket. A flood from addresses that are nobody's, of initiations that are
  /// right but for who sends them, and as many that are for nobody here.
  @Test
  void aFloodCostsBoundedWorkAndThePeerStillComesIn() {
    TwoNodes two = new TwoNodes(2);
    List<LocalIdentity> networks = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      networks.add(two.b.engine.add(two.key()));
    }
    CookieJar stamps = new CookieJar(two.net.suite, networks.get(150).publicKey());
    CookieJar nobodys = new CookieJar(two.net.suite, two.a.engine.add(two.key()).publicKey());
    two.aSends(1);
    long flooded = 0;
    for (int ms = 0; ms < 4_000; ms++) {
      for (int i = 0; i < 2; i++) {
        byte[] noise = new byte[108];
        two.net.random.nextBytes(noise);
        byte[] message = new Message.Initiation((int) flooded, noise).bytes();
        (i == 0 ? stamps : nobodys).stamp(0, message);
        two.b.receive(message, new VirtualNet.Address((int) flooded++, 1));
      }
      two.net.pass(Duration.ofMillis(1));
    }
    assertThat(two.b.arrived).as("of the real peer").hasSize(1);
    Engine engine = two.b.engine;
    assertThat(engine.counted(Outcome.COOKIE_GIVEN)).isPositive().isLessThan(2_000 * 5);
    assertThat(engine.counted(Outcome.FORGED)).as("curve arithmetic").isLessThan(500 * 5);
    assertThat(engine.counted(Outcome.NOT_FOR_US)).isGreaterThan(flooded / 3);
    assertThat(engine.openIndices()).isLessThanOrEqualTo(3);
    two.a.engine.rekey(two.toB);
    two.net.pass(Duration.ofSeconds(10));
    assertThat(two.toB.sessions()).isEqualTo(2);
  }

  @Test
  void whatHasNoRoomIsDroppedAndCounted() {
    TwoNodes two = new TwoNodes(3);
    byte[] message = new Message.Initiation(1, new byte[108]).bytes();
    for (int i = 0; i < Engine.QUEUE; i++) {
      assertThat(two.b.receive(message, two.a.address)).isEqualTo(Outcome.HANDSHAKE);
    }
    assertThat(two.b.receive(message, two.a.address)).isEqualTo(Outcome.QUEUE_FULL);
    two.net.pass(Duration.ofSeconds(1));
    assertThat(two.b.engine.counted(Outcome.NOT_FOR_US)).isEqualTo(Engine.QUEUE);
  }

  /// Any bytes on the socket, in the middle of a session: only what was sealed comes through.
  @Test
  void damagedDatagrams() {
    TwoNodes two = new TwoNodes(4);
    two.aSends(1);
    two.net.pass(Duration.ofSeconds(1));
    Keypair key = two.toB.usable(two.net.now());
    assertThat(key).isNotNull();
    int arrived = two.b.arrived.size();
    byte[] data = EngineTest.sealed(key, Packets.v4(TwoNodes.A4, TwoNodes.B4, 100, 2));
    two.b.receive(data, two.a.address);
    byte[] initiation = new Message.Initiation(5, new byte[108]).bytes();
    new CookieJar(two.net.suite, two.ofB.publicKey()).stamp(0, initiation);
    byte[] response = new Message.Response(5, key.index(), new byte[48]).bytes();
    byte[] cookie = new Message.CookieReply(key.index(), new byte[24], new byte[32]).bytes();
    Fuzz.rounds(
        "wireguard datagrams",
        3_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(data, initiation, response, cookie));
          if (bytes.length < 60_000) {
            two.b.receive(bytes, two.a.address);
            two.b.run();
          }
        });
    assertThat(two.b.arrived).hasSize(arrived + 1);
    two.aSends(3);
    two.net.pass(Duration.ofSeconds(1));
    assertThat(two.b.arrived).as("the session goes on").hasSize(arrived + 2);
  }

  /// Any bytes inside a genuine datagram, and to be sent: a peer may be hostile, too.
  @Test
  void damagedInnerPackets() {
    TwoNodes two = new TwoNodes(6);
    two.aSends(1);
    two.net.pass(Duration.ofSeconds(1));
    Keypair key = two.toB.usable(two.net.now());
    assertThat(key).isNotNull();
    byte[] four = Packets.v4(TwoNodes.A4, TwoNodes.B4, 100, 2);
    byte[] six = Packets.v6(1, 2, 100, 2);
    Outbound outbound = two.b.engine.outbound(two.ofB, 1420);
    Fuzz.rounds(
        "wireguard inner packets",
        3_000,
        random -> {
          byte[] inner = Fuzz.bytes(random, List.of(four, six));
          if (inner.length > 1420) {
            return;
          }
          two.b.arrived.clear();
          Outcome outcome = two.b.receive(EngineTest.sealed(key, inner), two.a.address);
          assertThat(outcome)
              .isIn(Outcome.DATA, Outcome.KEEPALIVE, Outcome.MALFORMED, Outcome.FOREIGN_SOURCE);
          if (outcome == Outcome.DATA) {
            byte[] arrived = two.b.arrived.getFirst().packet();
            boolean ofA4 = arrived[0] >> 4 == 4 && isAt(arrived, 12, four, 4);
            boolean ofA6 = arrived[0] >> 4 == 6 && isAt(arrived, 8, six, 16);
            assertThat(ofA4 || ofA6).isTrue();
            assertThat(arrived.length).isLessThanOrEqualTo((inner.length + 15) & -16);
          }
          try (Arena arena = Arena.ofConfined()) {
            long at = arena.allocate(inner.length + 1L).address();
            Memory.copy(inner, at, inner.length);
            outbound.route(at, inner.length);
          }
        });
  }

  private static boolean isAt(byte[] packet, int at, byte[] other, int length) {
    return java.util.Arrays.equals(packet, at, at + length, other, at, at + length);
  }

  @Test
  void aPacketLeavesNoGarbageOnEitherSide() {
    TwoNodes two = new TwoNodes(5);
    two.aSends(1);
    two.net.pass(Duration.ofSeconds(1));
    if (!two.net.suite.name().equals("libcrypto")) {
      throw new org.opentest4j.TestAbortedException("libcrypto.so.3 is not here");
    }
    Outbound outbound = two.a.engine.outbound(two.ofA, 1420);
    byte[] packet = Packets.v4(TwoNodes.A4, TwoNodes.B4, 1420, 7);
    long now = two.net.now();
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocate(2000, 16).address() + Outbound.HEADROOM;
      long before = 0;
      for (int i = 0; i < 30_000; i++) {
        if (i == 20_000) {
          before = threads.getCurrentThreadAllocatedBytes();
        }
        Memory.copy(packet, at, packet.length);
        Peer peer = outbound.route(at, packet.length);
        int length = outbound.seal(two.toB, at, packet.length, now);
        outbound.sent(two.toB, 1, length, now);
        Outcome outcome = two.b.inbound.open(at - 16, length, two.a.address, now);
        two.b.inbound.settle(now);
        if (peer != two.toB || outcome != Outcome.DATA || two.b.inbound.length() != 1420) {
          throw new AssertionError("packet " + i + " ended as " + outcome);
        }
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
    }
  }
}
