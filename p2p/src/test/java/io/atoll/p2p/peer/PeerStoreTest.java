package io.atoll.p2p.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.testing.Fuzz;
import io.atoll.p2p.record.SignedPeerRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PeerStoreTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Identity ALICE = Identity.generate();
  private static final Identity BOB = Identity.generate();
  @TempDir private Path folder;
  private Instant now = Instant.parse("2030-01-01T00:00:00Z");

  private PeerStore open(PeerBounds bounds) {
    return PeerStore.at(folder.resolve("peers"), bounds, () -> now);
  }

  private PeerStore open() {
    return open(PeerBounds.defaults());
  }

  private static Multiaddr tcp(int port) {
    return Multiaddr.parse("/ip4/10.0.0.1/tcp/" + port);
  }

  @Test
  void everythingSurvivesARestart() {
    SignedPeerRecord record = SignedPeerRecord.sign(ALICE, 7, List.of(tcp(1)));
    try (PeerStore store = open()) {
      assertThat(store.learn(record, HOUR)).isTrue();
      store.learnAddresses(ALICE.id(), List.of(tcp(2).withPeer(ALICE.id().text())), HOUR);
      store.learnSelfDescription(
          ALICE.id(), Optional.of(ALICE.publicKey()), List.of("/a/1"), "atoll/1");
      store.reached(BOB.id(), tcp(3));
    }
    try (PeerStore store = open()) {
      assertThat(store.all()).hasSize(2);
      KnownPeer alice = store.find(ALICE.id()).orElseThrow();
      assertThat(alice.record()).contains(record);
      assertThat(alice.key()).contains(ALICE.publicKey());
      assertThat(alice.protocols()).containsExactly("/a/1");
      assertThat(alice.agent()).isEqualTo("atoll/1");
      assertThat(alice.updated()).isEqualTo(now);
      // What the peer signed comes first; a peer at the end of an address says nothing new.
      assertThat(store.addresses(ALICE.id())).containsExactly(tcp(1), tcp(2));
      assertThat(store.find(BOB.id()).orElseThrow().dialled()).isTrue();
    }
  }

  @Test
  void addressesExpireAndCountLongerWhenLearntAgain() {
    try (PeerStore store = open()) {
      store.learnAddresses(ALICE.id(), List.of(tcp(1), tcp(2)), HOUR);
      store.learnAddresses(ALICE.id(), List.of(tcp(2)), HOUR.multipliedBy(3));
      store.learnAddresses(ALICE.id(), List.of(tcp(2)), HOUR);
      now = now.plus(HOUR.multipliedBy(2));
      assertThat(store.addresses(ALICE.id())).containsExactly(tcp(2));
    }
    now = now.plus(HOUR);
    try (PeerStore store = open()) {
      assertThat(store.addresses(ALICE.id())).isEmpty();
    }
  }

  @Test
  void theHighestSequenceNumberStays() {
    try (PeerStore store = open()) {
      assertThat(store.learn(SignedPeerRecord.sign(ALICE, 7, List.of(tcp(7))), HOUR)).isTrue();
      assertThat(store.learn(SignedPeerRecord.sign(ALICE, 6, List.of(tcp(6))), HOUR)).isFalse();
    }
    try (PeerStore store = open()) {
      assertThat(store.learn(SignedPeerRecord.sign(ALICE, 6, List.of(tcp(6))), HOUR)).isFalse();
      assertThat(store.addresses(ALICE.id())).containsExactly(tcp(7));
      assertThat(store.learn(SignedPeerRecord.sign(ALICE, 8, List.of(tcp(8))), HOUR)).isTrue();
      assertThat(store.addresses(ALICE.id())).containsExactly(tcp(8));
    }
  }

  @Test
  void aKeyOfSomebodyElseIsRefused() {
    try (PeerStore store = open()) {
      assertThatThrownBy(
              () ->
                  store.learnSelfDescription(
                      ALICE.id(), Optional.of(BOB.publicKey()), List.of(), ""))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void itIsBoundedAndKeepsWhatIsOfMostUse() {
    try (PeerStore store = open(new PeerBounds(10, 3, 2))) {
      store.reached(ALICE.id(), tcp(1));
      for (int i = 0; i < 50; i++) {
        now = now.plusSeconds(1);
        store.learnAddresses(Identity.generate().id(), List.of(tcp(9)), HOUR);
      }
      assertThat(store.all()).hasSize(10);
      assertThat(store.find(ALICE.id())).isPresent();
      store.learnAddresses(
          ALICE.id(), IntStream.range(10, 90).mapToObj(PeerStoreTest::tcp).toList(), HOUR);
      store.learnSelfDescription(
          ALICE.id(), Optional.empty(), List.of("/a", "/b", "/c", "/" + "x".repeat(500)), "");
      KnownPeer alice = store.find(ALICE.id()).orElseThrow();
      assertThat(alice.addresses()).hasSize(3).map(KnownAddress::address).contains(tcp(1));
      assertThat(alice.protocols()).containsExactly("/a", "/b");
    }
    try (PeerStore store = open(new PeerBounds(5, 3, 2))) {
      assertThat(store.all()).hasSize(5);
    }
  }

  @Test
  void oneDamagedLineCostsOnePeer() throws Exception {
    List<PeerId> peers = new ArrayList<>();
    try (PeerStore store = open()) {
      for (int i = 0; i < 5; i++) {
        PeerId peer = Identity.generate().id();
        peers.add(peer);
        store.learnAddresses(peer, List.of(tcp(1)), HOUR);
      }
    }
    Path file = folder.resolve("peers");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    try (PeerStore store = open()) {
      assertThat(store.all()).hasSize(4);
      assertThat(peers).containsAll(store.all().stream().map(KnownPeer::id).toList());
    }
  }

  @Test
  void aFileThatIsSomethingElseStartsItEmpty() throws Exception {
    Path file = folder.resolve("peers");
    Files.writeString(file, "atoll peers 99\nsomething new\n");
    try (PeerStore store = open()) {
      assertThat(store.all()).isEmpty();
      store.reached(ALICE.id(), tcp(1));
    }
    try (PeerStore store = open()) {
      assertThat(store.all()).hasSize(1);
    }
    Files.delete(file);
    Files.createDirectory(file);
    try (PeerStore store = open()) {
      assertThat(store.all()).isEmpty();
      store.reached(ALICE.id(), tcp(1));
    }
  }

  @Test
  void damagedFiles() {
    byte[] good;
    try (PeerStore store = open()) {
      for (int i = 0; i < 4; i++) {
        Identity peer = Identity.generate();
        store.learn(SignedPeerRecord.sign(peer, i, List.of(tcp(i))), HOUR);
        store.learnSelfDescription(
            peer.id(), Optional.of(peer.publicKey()), List.of("/a/1"), "agent");
      }
      good = PeerFile.encode(store.all());
    }
    PeerFile file = new PeerFile(folder.resolve("other"), PeerBounds.defaults());
    assertThat(file.decode(good)).hasSize(4);
    String json = new String(good, StandardCharsets.UTF_8).lines().toList().get(1).substring(9);
    Fuzz.rounds(
        "peer store",
        2_000,
        random -> {
          assertThat(file.decode(Fuzz.bytes(random, List.of(good))))
              .allMatch(peer -> peer.agent().equals("agent"));
          // And where the checksum is right and the content is not.
          byte[] damaged = Fuzz.bytes(random, List.of(json.getBytes(StandardCharsets.UTF_8)));
          try {
            StoredPeer.read(new String(damaged, StandardCharsets.UTF_8), PeerBounds.defaults());
          } catch (java.io.IOException | IllegalArgumentException refused) {
            assertThat(refused).isNotNull();
          }
        });
  }
}
