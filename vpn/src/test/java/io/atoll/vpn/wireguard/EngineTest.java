package io.atoll.vpn.wireguard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.atoll.core.term.Cidr;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Two engines in virtual time.
class EngineTest {
  private static final PresharedKey PSK = new PresharedKey("p".repeat(32).getBytes());

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  @Test
  void aFirstPacketMakesASessionAndArrives() {
    TwoNodes two = new TwoNodes(1);
    assertThat(two.aSends(5)).isEqualTo(Outcome.WAITS);
    two.net.pass(seconds(1));
    assertThat(two.b.arrived).hasSize(1);
    assertThat(two.b.arrived.getFirst().packet())
        .isEqualTo(Packets.v4(TwoNodes.A4, TwoNodes.B4, 100, 5));
    assertThat(two.b.arrived.getFirst().from()).isSameAs(two.toA);
    assertThat(two.bSends(6)).isEqualTo(Outcome.SENT);
    byte[] six = Packets.v6(2, 1, 99, 7);
    assertThat(two.b.send(two.ofB, six)).isEqualTo(Outcome.SENT);
    two.net.pass(seconds(1));
    assertThat(two.a.arrived).hasSize(2);
    assertThat(two.a.arrived.getLast().packet()).isEqualTo(six);
    assertThat(two.toA.sessions()).isEqualTo(1);
    assertThat(two.toB.sessions()).isEqualTo(1);
  }

  @Test
  void bothMayBeginAtOnce() {
    TwoNodes two = new TwoNodes(2, PSK, PSK, Duration.ZERO);
    two.aSends(1);
    two.bSends(2);
    two.net.pass(seconds(1));
    for (int i = 3; i < 20; i++) {
      two.aSends(i);
      two.bSends(i);
      two.net.pass(Duration.ofMillis(300));
    }
    assertThat(two.a.arrived).hasSize(18);
    assertThat(two.b.arrived).hasSize(18);
  }

  @Test
  void withDifferentPresharedKeysNothingComesThrough() {
    TwoNodes two = new TwoNodes(3, PSK, PresharedKey.NONE, Duration.ZERO);
    two.aSends(1);
    two.net.pass(seconds(30));
    assertThat(two.b.arrived).isEmpty();
    assertThat(two.toB.sessions()).isZero();
    assertThat(two.a.engine.counted(Outcome.WRONG_ANSWER)).isPositive();
    two.b.engine.update(two.toA, TwoNodes.peer(two.ofA.publicKey(), PSK, 1, Duration.ZERO));
    two.net.pass(seconds(10));
    assertThat(two.b.arrived).hasSize(1);
  }

  /// An hour of packets both ways over a wire that loses a fifth, doubles a tenth and mixes up.
  @Test
  void anHourOnABadWire() {
    long seed = System.nanoTime();
    System.out.println("anHourOnABadWire from seed " + seed);
    TwoNodes two = new TwoNodes(seed);
    two.net.loss = 0.2;
    two.net.doubled = 0.1;
    two.net.jitter = VirtualNet.SECOND / 2;
    int packets = 3600 * 2;
    for (int i = 0; i < packets; i++) {
      two.aSends(i);
      two.bSends(i);
      if (i % 900 == 450) {
        // The clock of the wall goes back, and forth, and means nothing.
        two.a.wallSkew = Duration.ofHours(i % 1800 == 450 ? -3 : 3);
      }
      two.net.pass(Duration.ofMillis(500));
    }
    for (VirtualNet.Node node : List.of(two.a, two.b)) {
      Set<Long> seen = new HashSet<>();
      for (VirtualNet.Arrived arrived : node.arrived) {
        assertThat(seen.add(Packets.number4(arrived.packet()))).as("once").isTrue();
      }
      assertThat(seen.size()).isGreaterThan(packets * 3 / 4);
      assertThat(node.outcomes.get(Outcome.REPLAYED)).isPositive();
      assertThat(node.outcomes.get(Outcome.FORGED)).isNull();
      assertThat(node.engine.openIndices()).isLessThanOrEqualTo(4);
    }
    assertThat(two.toB.sessions()).isBetween(29L, 70L);
  }

  /// A session lasts two minutes; what both ends allocate for it, and the wire of this test.
  @Test
  void aSessionMakesLittleGarbage() {
    TwoNodes two = new TwoNodes(4);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    two.aSends(1);
    two.net.pass(seconds(10));
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 10; i++) {
      two.a.engine.rekey(two.toB);
      two.net.pass(seconds(10));
    }
    long each = (threads.getCurrentThreadAllocatedBytes() - before) / 10;
    System.out.println("a session: " + each + " bytes of garbage at both ends");
    assertThat(two.toB.sessions()).isEqualTo(11);
    assertThat(each).isBetween(1_000L, 200_000L);
  }

  @Test
  void silenceEndsASessionAndLeavesNothing() {
    TwoNodes two = new TwoNodes(5);
    two.aSends(1);
    two.net.pass(seconds(1));
    assertThat(two.toB.connected(two.net.now())).isTrue();
    two.net.pass(seconds(181));
    assertThat(two.toB.connected(two.net.now())).isFalse();
    two.net.pass(seconds(600));
    assertThat(two.a.engine.openIndices()).isZero();
    assertThat(two.b.engine.openIndices()).isZero();
    two.aSends(2);
    two.net.pass(seconds(1));
    assertThat(two.b.arrived).hasSize(2);
  }

  @Test
  void aSilentPeerIsAskedForNinetySecondsAndWhatWaitedIsDropped() {
    TwoNodes two = new TwoNodes(6);
    two.net.loss = 1;
    for (int i = 0; i < 300; i++) {
      two.aSends(i);
    }
    assertThat(two.a.engine.counted(Outcome.WAITED_IN_VAIN)).isEqualTo(300 - Waiting.PACKETS);
    two.net.pass(seconds(120));
    assertThat(two.a.engine.counted(Outcome.WAITED_IN_VAIN)).isEqualTo(300);
    two.net.loss = 0;
    two.aSends(1000);
    two.net.pass(seconds(1));
    assertThat(two.b.arrived).hasSize(1);
  }

  @Test
  void keysThatAreWornOrWantedNewAreReplacedWhilePacketsFlow() {
    TwoNodes two = new TwoNodes(7);
    two.aSends(0);
    two.net.pass(seconds(1));
    for (int i = 1; i <= 100; i++) {
      if (i == 30) {
        two.a.engine.rekey(two.toB);
      }
      if (i == 60) {
        two.net.pass(seconds(6));
        wear(two.toB, two.net.now());
      }
      two.aSends(i);
      two.bSends(i);
      two.net.pass(Duration.ofMillis(50));
    }
    assertThat(two.b.arrived).hasSize(101);
    assertThat(two.a.arrived).hasSize(100);
    assertThat(two.toB.sessions()).isEqualTo(3);
  }

  private static void wear(Peer peer, long now) {
    Keypair key = peer.usable(now);
    assertThat(key).isNotNull();
    key.wear(1L << 60);
  }

  @Test
  void aPersistentKeepaliveMakesASessionAndKeepsIt() {
    TwoNodes two = new TwoNodes(8, PSK, PSK, seconds(25));
    two.net.pass(seconds(1000));
    assertThat(two.toB.sessions()).isGreaterThanOrEqualTo(8);
    assertThat(two.toB.connected(two.net.now())).isTrue();
    int kept = 0;
    for (VirtualNet.Node node : List.of(two.a, two.b)) {
      kept += node.outcomes.getOrDefault(Outcome.KEEPALIVE, 0);
    }
    assertThat(kept).isGreaterThan(35);
  }

  @Test
  void aPeerThatMovesIsFollowed() {
    TwoNodes two = new TwoNodes(9);
    two.aSends(1);
    two.net.pass(seconds(1));
    two.a.moveTo(new VirtualNet.Address(0x0a000099, 4444));
    two.bSends(2);
    two.net.pass(seconds(1));
    assertThat(two.a.arrived).as("nobody has said where it is").isEmpty();
    two.aSends(3);
    two.net.pass(seconds(1));
    two.bSends(4);
    two.net.pass(seconds(1));
    assertThat(two.b.arrived).hasSize(2);
    assertThat(two.a.arrived).hasSize(1);
    assertThat(two.b.endpoints.get(two.toA)).isEqualTo(two.a.address);
    assertThat(two.toB.sessions()).isEqualTo(1);
  }

  @Test
  void whatIsForgedTruncatedOrRepeatedMovesNobody() {
    TwoNodes two = new TwoNodes(10);
    two.aSends(1);
    two.net.pass(seconds(1));
    Path there = two.b.endpoints.get(two.toA);
    VirtualNet.Address elsewhere = new VirtualNet.Address(0x0a0000aa, 1);
    List<byte[]> sent = new java.util.ArrayList<>();
    VirtualNet.Node tap = two.net.node(elsewhere);
    Keypair key = two.toB.usable(two.net.now());
    assertThat(key).isNotNull();
    byte[] datagram = sealed(key, Packets.v4(TwoNodes.A4, TwoNodes.B4, 100, 9));
    sent.add(datagram);
    assertThat(two.b.receive(datagram, there)).isEqualTo(Outcome.DATA);
    assertThat(two.b.receive(datagram, elsewhere)).isEqualTo(Outcome.REPLAYED);
    for (int length = 0; length < datagram.length; length++) {
      assertThat(two.b.receive(Arrays.copyOf(datagram, length), elsewhere))
          .isIn(Outcome.MALFORMED, Outcome.FORGED);
    }
    byte[] foreign = sealed(key, Packets.v4(0x0a070009, TwoNodes.B4, 100, 9));
    assertThat(two.b.receive(foreign, there)).isEqualTo(Outcome.FOREIGN_SOURCE);
    byte[] short4 = sealed(key, Arrays.copyOf(Packets.v4(TwoNodes.A4, 1, 100, 9), 48));
    assertThat(two.b.receive(short4, there)).isEqualTo(Outcome.MALFORMED);
    assertThat(two.b.receive(sealed(key, new byte[] {0x70, 1}), there))
        .isEqualTo(Outcome.MALFORMED);
    assertThat(two.b.endpoints.get(two.toA)).isEqualTo(there);
    assertThat(two.b.arrived).hasSize(2);
    assertThat(tap.arrived).isEmpty();
  }

  static byte[] sealed(Keypair key, byte[] packet) {
    int padded = (packet.length + 15) & -16;
    try (var arena = java.lang.foreign.Arena.ofConfined()) {
      long at = arena.allocate(padded + 64L).address();
      io.atoll.vpn.wireguard.crypto.Memory.copy(packet, at + 16, packet.length);
      assertThat(key.seal(at + 16, padded)).isNotNegative();
      byte[] datagram = new byte[padded + 32];
      io.atoll.vpn.wireguard.crypto.Memory.copy(at, datagram, datagram.length);
      return datagram;
    }
  }

  @Test
  void aRemovedPeerIsAStrangerAndItsKeysAreGone() {
    TwoNodes two = new TwoNodes(11);
    two.aSends(1);
    two.net.pass(seconds(1));
    two.b.engine.remove(two.toA);
    assertThat(two.b.engine.openIndices()).isZero();
    assertThat(two.bSends(2)).isEqualTo(Outcome.NO_ROUTE);
    two.aSends(3);
    two.net.pass(seconds(60));
    assertThat(two.b.arrived).hasSize(1);
    assertThat(two.b.outcomes.get(Outcome.UNKNOWN_SESSION)).isPositive();
    assertThat(two.b.engine.counted(Outcome.UNKNOWN_PEER)).isPositive();
    assertThatThrownBy(() -> two.a.engine.add(two.ofA, two.toB.settings))
        .hasMessageContaining("already");
  }

  /// Two networks on the same two nodes, with the same addresses.
  @Test
  void networksDoNotMeet() {
    TwoNodes two = new TwoNodes(12);
    LocalIdentity otherA = two.a.engine.add(two.key());
    LocalIdentity otherB = two.b.engine.add(two.key());
    Peer otherToB =
        two.a.engine.add(
            otherA, TwoNodes.peer(otherB.publicKey(), PresharedKey.NONE, 2, Duration.ZERO));
    Peer otherToA =
        two.b.engine.add(
            otherB, TwoNodes.peer(otherA.publicKey(), PresharedKey.NONE, 1, Duration.ZERO));
    two.a.endpoints.put(otherToB, two.b.address);
    for (int i = 0; i < 200; i++) {
      byte[] packet = Packets.v4(TwoNodes.A4, TwoNodes.B4, 100, i);
      two.a.send(i % 2 == 0 ? two.ofA : otherA, packet);
      two.net.pass(Duration.ofMillis(20));
    }
    assertThat(two.b.arrived).hasSize(200);
    for (VirtualNet.Arrived arrived : two.b.arrived) {
      boolean even = Packets.number4(arrived.packet()) % 2 == 0;
      assertThat(arrived.from()).isSameAs(even ? two.toA : otherToA);
    }
  }

  @Test
  void addressesMoveWhileTheSessionGoesOn() {
    TwoNodes two = new TwoNodes(13);
    two.aSends(1);
    two.net.pass(seconds(1));
    PeerSettings elsewhere =
        PeerSettings.of(two.ofA.publicKey(), List.of(Cidr.parse("10.7.0.77/32")));
    two.b.engine.update(two.toA, elsewhere);
    assertThat(two.bSends(2)).isEqualTo(Outcome.NO_ROUTE);
    two.aSends(3);
    two.net.pass(seconds(1));
    assertThat(two.b.outcomes.get(Outcome.FOREIGN_SOURCE)).isEqualTo(1);
    two.a.send(two.ofA, Packets.v4(0x0a07004d, TwoNodes.B4, 100, 4));
    two.net.pass(seconds(1));
    assertThat(two.b.arrived).hasSize(2);
    assertThat(two.toA.sessions()).isEqualTo(1);
  }

  @Test
  void aKeyThatIsHereAlreadyIsRefused() {
    TwoNodes two = new TwoNodes(14);
    PrivateKey key = two.key();
    two.a.engine.add(key);
    assertThatThrownBy(() -> two.a.engine.add(key)).hasMessageContaining("already");
    assertThatThrownBy(
            () -> two.a.engine.add(two.ofA, PeerSettings.of(two.ofA.publicKey(), List.of())))
        .hasMessageContaining("nobody can be reached");
  }

  @Test
  void paddingStaysBelowTheMtu() {
    assertThat(Outbound.padding(0, 1420)).isZero();
    assertThat(Outbound.padding(1, 1420)).isEqualTo(15);
    assertThat(Outbound.padding(16, 1420)).isZero();
    assertThat(Outbound.padding(1419, 1420)).isEqualTo(1);
    assertThat(Outbound.padding(1420, 1420)).isZero();
    assertThat(Outbound.padding(1420, 0)).isEqualTo(4);
    assertThat(Outbound.padding(1425, 1420)).isEqualTo(11);
  }
}
