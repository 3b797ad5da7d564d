package io.atoll.p2p.gossip.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.time.Now;
import io.atoll.p2p.gossip.machine.GossipAction.Check;
import io.atoll.p2p.gossip.machine.GossipAction.Send;
import io.atoll.p2p.gossip.machine.GossipEvent.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GossipMachineTest {
  private static final String TOPIC = "t";
  private static final Identity AUTHOR = Identity.generate();
  private Now now = new Now(0, Instant.parse("2026-01-01T00:00:00Z"));
  private final List<PeerId> peers = new ArrayList<>();
  private final GossipMachine machine =
      new GossipMachine(GossipConfig.defaults(), Identity.generate().id(), new Random(1));

  GossipMachineTest() {
    step(new GossipEvent.Join(TOPIC));
  }

  private List<GossipAction> step(GossipEvent event) {
    return machine.step(now, event);
  }

  private PeerId peer(Version version) {
    PeerId peer = Identity.generate().id();
    peers.add(peer);
    step(new GossipEvent.PeerOpened(peer, version, false, Optional.empty()));
    receive(peer, rpc(List.of(new Rpc.Subscription(true, TOPIC)), List.of(), List.of(), List.of()));
    return peer;
  }

  private List<GossipAction> receive(PeerId from, Rpc rpc) {
    return step(new GossipEvent.Received(from, rpc));
  }

  private static Rpc rpc(
      List<Rpc.Subscription> subscriptions,
      List<Rpc.IHave> ihave,
      List<MessageId> iwant,
      List<String> graft) {
    return new Rpc(subscriptions, List.of(), ihave, iwant, graft, List.of(), List.of());
  }

  private List<GossipAction> beat() {
    now = now.plus(Duration.ofSeconds(1));
    return step(new GossipEvent.Heartbeat());
  }

  private static GossipMessage message(long seqno, int size) {
    return GossipMessage.sign(AUTHOR, TOPIC, ByteString.copyFrom(new byte[size]), seqno);
  }

  private static List<Rpc> to(PeerId peer, List<GossipAction> actions) {
    return actions.stream()
        .filter(action -> action instanceof Send send && send.to().equals(peer))
        .map(action -> ((Send) action).rpc())
        .toList();
  }

  private static Check check(List<GossipAction> actions) {
    return (Check)
        actions.stream().filter(action -> action instanceof Check).findFirst().orElseThrow();
  }

  private double score(PeerId peer) {
    return machine.score(now, peer);
  }

  private List<GossipAction> accept(PeerId from, GossipMessage message) {
    Check check = check(receive(from, Rpc.publishing(message)));
    return step(new GossipEvent.Judged(check.check(), Verdict.ACCEPT));
  }

  @Test
  void theMeshGrowsToItsSizeAndShrinksToIt() {
    for (int i = 0; i < 20; i++) {
      peer(Version.V1_1);
    }
    beat();
    assertThat(machine.mesh(TOPIC)).hasSize(6);
    peers.forEach(peer -> receive(peer, rpc(List.of(), List.of(), List.of(), List.of(TOPIC))));
    assertThat(machine.mesh(TOPIC)).hasSize(12);
    peer(Version.FLOODSUB);
    beat();
    assertThat(machine.mesh(TOPIC)).hasSize(12).doesNotContain(peers.getLast());
  }

  @Test
  void aMessageGoesOnOnceItIsJudgedAndOnlyOnce() {
    PeerId first = peer(Version.V1_1);
    PeerId second = peer(Version.V1_1);
    PeerId flood = peer(Version.FLOODSUB);
    beat();
    GossipMessage message = message(1, 10);
    List<GossipAction> before = receive(first, Rpc.publishing(message));
    assertThat(to(second, before)).isEmpty();
    // The same from another, while it is judged: no second check, and it does not go back there.
    assertThat(receive(second, Rpc.publishing(message))).isEmpty();
    List<GossipAction> after = step(new GossipEvent.Judged(check(before).check(), Verdict.ACCEPT));
    assertThat(after).contains(new GossipAction.Deliver(message));
    assertThat(to(first, after)).isEmpty();
    assertThat(to(second, after)).isEmpty();
    assertThat(to(flood, after)).containsExactly(Rpc.publishing(message));
    assertThat(receive(second, Rpc.publishing(message))).isEmpty();
  }

  @Test
  void aForgedOneDoesNotKeepTheRealOneOut() {
    PeerId forger = peer(Version.V1_1);
    PeerId honest = peer(Version.V1_1);
    GossipMessage real = message(1, 10);
    GossipMessage forged =
        GossipMessage.decode(
            GossipMessage.encode(
                real.from(),
                ByteString.copyFromUtf8("forged"),
                real.seqno(),
                TOPIC,
                real.signature()));
    Check wrong = check(receive(forger, Rpc.publishing(forged)));
    Check right = check(receive(honest, Rpc.publishing(real)));
    step(new GossipEvent.Judged(wrong.check(), Verdict.REJECT));
    assertThat(step(new GossipEvent.Judged(right.check(), Verdict.ACCEPT)))
        .contains(new GossipAction.Deliver(real));
    assertThat(score(forger)).isLessThan(-5);
    assertThat(score(honest)).isPositive();
    for (int i = 2; i < 5; i++) {
      receive(forger, Rpc.publishing(message(i, 10))).stream()
          .filter(action -> action instanceof Check)
          .forEach(
              action -> step(new GossipEvent.Judged(((Check) action).check(), Verdict.REJECT)));
    }
    // By now nothing of it is looked at.
    assertThat(score(forger)).isLessThan(-80);
    assertThat(receive(forger, Rpc.publishing(message(9, 10)))).isEmpty();
    assertThat(machine.dropped()).isPositive();
    // A new connection does not make it good.
    step(new GossipEvent.PeerGone(forger));
    step(new GossipEvent.PeerOpened(forger, Version.V1_1, false, Optional.empty()));
    assertThat(score(forger)).isLessThan(-80);
  }

  @Test
  void whatIsAskedForIsSentThreeTimes() {
    PeerId peer = peer(Version.V1_1);
    GossipMessage message = message(1, 10);
    PeerId asker = peer(Version.V1_1);
    accept(peer, message);
    int sent = 0;
    for (int i = 0; i < 10; i++) {
      sent +=
          to(asker, receive(asker, rpc(List.of(), List.of(), List.of(message.id()), List.of())))
              .size();
    }
    assertThat(sent).isEqualTo(3);
    for (int i = 0; i < 5; i++) {
      beat();
    }
    PeerId late = peer(Version.V1_1);
    assertThat(to(late, receive(late, rpc(List.of(), List.of(), List.of(message.id()), List.of()))))
        .isEmpty();
  }

  @Test
  void brokenPromisesCost() {
    PeerId liar = peer(Version.V1_1);
    for (int i = 0; i < 5; i++) {
      Rpc.IHave lie = new Rpc.IHave(TOPIC, List.of(message(100 + i, 1).id()));
      assertThat(to(liar, receive(liar, rpc(List.of(), List.of(lie), List.of(), List.of()))))
          .singleElement()
          .satisfies(asked -> assertThat(asked.iwant()).hasSize(1));
    }
    for (int i = 0; i < 4; i++) {
      beat();
    }
    assertThat(score(liar)).isLessThan(-50);
  }

  @Test
  void aGraftThatComesTooSoonCosts() {
    PeerId pushy = peer(Version.V1_1);
    beat();
    receive(
        pushy,
        new Rpc(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new Rpc.Prune(TOPIC, List.of(), 60)),
            List.of()));
    assertThat(machine.mesh(TOPIC)).isEmpty();
    Rpc graft = rpc(List.of(), List.of(), List.of(), List.of(TOPIC));
    List<Rpc> answer = to(pushy, receive(pushy, graft));
    assertThat(answer).singleElement().satisfies(rpc -> assertThat(rpc.prune()).hasSize(1));
    receive(pushy, graft);
    assertThat(score(pushy)).isNegative();
    for (int i = 0; i < 30; i++) {
      beat();
    }
    assertThat(machine.mesh(TOPIC)).isEmpty();
    for (int i = 0; i < 120; i++) {
      beat();
    }
    assertThat(machine.mesh(TOPIC)).containsExactly(pushy);
  }

  @Test
  void largeMessagesAreDeclinedAtOnceWhereThatIsUnderstood() {
    PeerId sender = peer(Version.V1_2);
    PeerId other = peer(Version.V1_2);
    PeerId older = peer(Version.V1_1);
    beat();
    GossipMessage large = message(1, 5000);
    List<GossipAction> actions = receive(sender, Rpc.publishing(large));
    assertThat(to(other, actions))
        .singleElement()
        .satisfies(rpc -> assertThat(rpc.idontwant()).containsExactly(large.id()));
    assertThat(to(older, actions)).isEmpty();
    assertThat(to(sender, actions)).isEmpty();
    // Who declined it does not get it.
    receive(
        other,
        new Rpc(
            List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(large.id())));
    List<GossipAction> after = step(new GossipEvent.Judged(check(actions).check(), Verdict.ACCEPT));
    assertThat(to(other, after)).isEmpty();
    assertThat(to(older, after)).hasSize(1);
  }

  @Test
  void aFloodIsDroppedAndHeldAgainstItsSender() {
    PeerId flooder = peer(Version.V1_1);
    int checks = 0;
    for (int i = 0; i < 6000; i++) {
      GossipMessage message =
          GossipMessage.decode(
              GossipMessage.encode(
                  ByteString.copyFrom(flooder.bytes()),
                  ByteString.EMPTY,
                  ByteString.copyFrom(java.nio.ByteBuffer.allocate(8).putLong(i).array()),
                  TOPIC,
                  ByteString.copyFromUtf8("s")));
      for (GossipAction action : receive(flooder, Rpc.publishing(message))) {
        if (action instanceof Check check) {
          checks++;
          step(new GossipEvent.Judged(check.check(), Verdict.IGNORE));
        }
      }
    }
    assertThat(checks).isEqualTo(5000);
    assertThat(score(flooder)).isLessThan(-80);
  }

  @Test
  void leavingTellsEverybody() {
    PeerId peer = peer(Version.V1_1);
    beat();
    List<Rpc> told = to(peer, step(new GossipEvent.Leave(TOPIC)));
    assertThat(told)
        .singleElement()
        .satisfies(
            rpc -> {
              assertThat(rpc.subscriptions()).containsExactly(new Rpc.Subscription(false, TOPIC));
              assertThat(rpc.prune()).extracting(Rpc.Prune::backoffSeconds).containsExactly(10L);
            });
    // Publishing where it is not itself goes to whoever is.
    assertThat(to(peer, step(new GossipEvent.Publish(message(1, 1))))).hasSize(1);
  }

  @Test
  void whatWasKeptForLaterIsNotNews() {
    PeerId peer = peer(Version.V1_1);
    accept(peer, message(5, 1));
    for (int i = 0; i < 130; i++) {
      beat();
    }
    assertThat(receive(peer, Rpc.publishing(message(5, 1)))).isEmpty();
    assertThat(receive(peer, Rpc.publishing(message(4, 1)))).isEmpty();
    assertThat(accept(peer, message(6, 1))).contains(new GossipAction.Deliver(message(6, 1)));
    assertThat(machine.stats().delivered()).isEqualTo(2);
  }

  @Test
  void manyOfOneAddressCost() {
    PeerId last = Identity.generate().id();
    for (int i = 0; i < 14; i++) {
      last = Identity.generate().id();
      step(new GossipEvent.PeerOpened(last, Version.V1_1, false, Optional.of("9.9.9.9")));
    }
    assertThat(score(last)).isEqualTo(-5 * 16);
  }
}
