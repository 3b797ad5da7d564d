package io.atoll.p2p.kad.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.core.time.Now;
import io.atoll.p2p.kad.machine.KadAction.Ask;
import io.atoll.p2p.kad.machine.KadAction.Refuse;
import io.atoll.p2p.kad.machine.KadAction.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KadMachineTest {
  private static final Now START = new Now(0, Instant.parse("2026-01-01T00:00:00Z"));
  private final Random random = new Random(1);
  private final Identity self = Identity.generate();
  private final KadMachine machine =
      new KadMachine(
          KadConfig.defaults(),
          self.id(),
          Optional.of(self.publicKey()),
          Validators.standard(),
          new Random(2));

  KadMachineTest() {
    machine.step(START, new KadEvent.Self(List.of(Multiaddr.parse("/ip4/1.2.3.4/tcp/1")), true));
  }

  private Contact contact(String address) {
    byte[] id = new byte[38];
    random.nextBytes(id);
    System.arraycopy(new byte[] {0, 36, 8, 1, 18, 32}, 0, id, 0, 6);
    return Contact.of(PeerId.of(id), List.of(Multiaddr.parse(address)));
  }

  private Contact anywhere() {
    return contact(
        "/ip4/%d.%d.%d.%d/tcp/1"
            .formatted(
                20 + random.nextInt(50),
                random.nextInt(256),
                random.nextInt(256),
                random.nextInt(256)));
  }

  private KadAction ask(Now now, PeerId from, KadMessage request) {
    return machine.step(now, new KadEvent.Asked(1, from, request)).getFirst();
  }

  private KadMessage answer(PeerId from, KadMessage request) {
    return ((Reply) ask(START, from, request)).answer().orElseThrow();
  }

  @Test
  void aThousandSybilsOfOneAddressGetThreePlaces() {
    for (int i = 0; i < 1000; i++) {
      machine.step(START, new KadEvent.ServerSeen(contact("/ip4/9.9.9.9/tcp/1"), Optional.empty()));
    }
    assertThat(machine.peers()).hasSize(3);
    // Of one network a few more, and what they claim does not count where they are seen.
    for (int i = 0; i < 1000; i++) {
      machine.step(
          START,
          new KadEvent.ServerSeen(
              anywhere(),
              Optional.of(Multiaddr.parse("/ip4/9.9.%d.%d/tcp/1".formatted(i / 256, i % 256)))));
    }
    assertThat(machine.peers()).hasSizeLessThanOrEqualTo(60);
    for (int i = 0; i < 200; i++) {
      machine.step(START, new KadEvent.ServerSeen(anywhere(), Optional.empty()));
    }
    assertThat(machine.peers()).hasSizeGreaterThan(120);
  }

  @Test
  void theNearestAreNamedButNotTheAsker() {
    List<Contact> known = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      known.add(anywhere());
      machine.step(START, new KadEvent.ServerSeen(known.getLast(), Optional.empty()));
    }
    Contact asker = known.getFirst();
    ByteString key = ByteString.copyFrom(self.id().bytes());
    KadMessage answer = answer(asker.id(), KadMessage.of(KadMessage.Type.FIND_NODE, key));
    assertThat(answer.closer()).hasSize(21).doesNotContain(asker);
    assertThat(answer.closer().getLast().id()).isEqualTo(self.id());
  }

  @Test
  void valuesAreKeptUntilTheyExpire() {
    ByteString key = SignedRecord.key("offer", self.id());
    Instant end = START.wall().plusSeconds(3600);
    ByteString value = SignedRecord.sign(self, key, 2, end, ByteString.copyFromUtf8("two"));
    ByteString older = SignedRecord.sign(self, key, 1, end, ByteString.copyFromUtf8("one"));
    PeerId peer = anywhere().id();
    KadMessage put = KadMessage.of(KadMessage.Type.PUT_VALUE, key);
    assertThat(answer(peer, put.withRecord(new KadRecord(key, value, ""))).record()).isPresent();
    assertThat(ask(START, peer, put.withRecord(new KadRecord(key, older, ""))))
        .isEqualTo(new Refuse(1, "a better value is here"));
    assertThat(ask(START, peer, put)).isInstanceOf(Refuse.class);
    KadMessage get = KadMessage.of(KadMessage.Type.GET_VALUE, key);
    assertThat(answer(peer, get).record().orElseThrow().value()).isEqualTo(value);
    Now later = START.plus(Duration.ofSeconds(3600));
    assertThat(((Reply) ask(later, peer, get)).answer().orElseThrow().record()).isEmpty();
    machine.step(later, new KadEvent.Tick());
    assertThat(machine.records()).isEmpty();
  }

  @Test
  void nobodyProvidesForSomebodyElse() {
    Contact honest = anywhere();
    Contact other = anywhere();
    ByteString hash = ByteString.copyFrom(new byte[34]);
    KadMessage add = KadMessage.of(KadMessage.Type.ADD_PROVIDER, hash);
    assertThat(ask(START, honest.id(), add.withProviders(List.of(other, honest))))
        .isEqualTo(new Reply(1, Optional.empty()));
    KadMessage get = KadMessage.of(KadMessage.Type.GET_PROVIDERS, hash);
    assertThat(answer(other.id(), get).providers()).containsExactly(honest);
    Now later = START.plus(Duration.ofHours(48));
    assertThat(((Reply) ask(later, other.id(), get)).answer().orElseThrow().providers()).isEmpty();
  }

  @Test
  void aFloodOfOnePeerIsRefusedAndOthersAreServed() {
    PeerId flooder = anywhere().id();
    int refused = 0;
    KadMessage ping = KadMessage.of(KadMessage.Type.PING, ByteString.EMPTY);
    for (int i = 0; i < 10_000; i++) {
      refused += ask(START, flooder, ping) instanceof Refuse ? 1 : 0;
    }
    assertThat(refused).isEqualTo(10_000 - 400);
    assertThat(ask(START, anywhere().id(), ping)).isInstanceOf(Reply.class);
    assertThat(ask(START.plus(Duration.ofSeconds(3)), flooder, ping)).isInstanceOf(Reply.class);
  }

  @Test
  void aClientAnswersNobody() {
    machine.step(START, new KadEvent.Self(List.of(), false));
    assertThat(ask(START, anywhere().id(), KadMessage.of(KadMessage.Type.PING, ByteString.EMPTY)))
        .isEqualTo(new Refuse(1, "this node is a client"));
  }

  @Test
  void whatIsPublishedIsStoredAnew() {
    Contact peer = anywhere();
    settle(START, machine.step(START, new KadEvent.ServerSeen(peer, Optional.empty())));
    ByteString hash = ByteString.copyFrom(new byte[34]);
    assertThat(settle(START, machine.step(START, new KadEvent.Start(1, new KadGoal.Provide(hash)))))
        .contains(new KadAction.Finished(1, new KadResult.Stored(1)));
    Now later = START.plus(Duration.ofHours(22));
    machine.step(later, new KadEvent.ServerSeen(peer, Optional.empty()));
    assertThat(settle(later, machine.step(later, new KadEvent.Tick())))
        .anyMatch(
            action ->
                action instanceof Ask ask
                    && ask.message().type() == KadMessage.Type.ADD_PROVIDER
                    && ask.message().key().equals(hash));
  }

  @Test
  void liarsCannotKeepALookupGoing() {
    settle(START, machine.step(START, new KadEvent.ServerSeen(anywhere(), Optional.empty())));
    List<KadAction> next =
        machine.step(START, new KadEvent.Start(1, new KadGoal.Closest(ByteString.EMPTY)));
    int asked = 0;
    boolean finished = false;
    while (!next.isEmpty()) {
      List<KadAction> more = new ArrayList<>();
      for (KadAction action : next) {
        finished |= action instanceof KadAction.Finished;
        if (action instanceof Ask ask) {
          asked++;
          // Each names twenty more that nobody heard of.
          List<Contact> invented = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            invented.add(anywhere());
          }
          KadMessage answer =
              KadMessage.of(KadMessage.Type.FIND_NODE, ask.message().key()).withCloser(invented);
          more.addAll(
              machine.step(START, new KadEvent.Answered(ask.request(), answer, Optional.empty())));
        }
      }
      next = more;
    }
    assertThat(finished).isTrue();
    assertThat(asked).isLessThanOrEqualTo(400);
  }

  @Test
  void whereNobodyAnswersAQueryEnds() {
    Contact silent = anywhere();
    settle(START, machine.step(START, new KadEvent.ServerSeen(silent, Optional.empty())));
    assertThat(
            machine.step(
                START, new KadEvent.Start(1, new KadGoal.Get(ByteString.copyFromUtf8("/pk/x"), 1))))
        .singleElement()
        .isInstanceOf(Ask.class);
    Now later = START.plus(Duration.ofSeconds(10));
    assertThat(machine.step(later, new KadEvent.Tick()))
        .contains(new KadAction.Finished(1, new KadResult.Value(Optional.empty())));
    assertThat(machine.peers()).isEmpty();
    assertThat(machine.stats().failed()).isEqualTo(1);
  }

  /// Answers each request with nothing, until there are no more.
  private List<KadAction> settle(Now now, List<KadAction> first) {
    List<KadAction> all = new ArrayList<>();
    List<KadAction> next = first;
    while (!next.isEmpty()) {
      all.addAll(next);
      List<KadAction> more = new ArrayList<>();
      for (KadAction action : next) {
        if (action instanceof Ask ask) {
          KadMessage empty = KadMessage.of(ask.message().type(), ask.message().key());
          more.addAll(
              machine.step(now, new KadEvent.Answered(ask.request(), empty, Optional.empty())));
        }
      }
      next = more;
    }
    return all;
  }
}
