package io.atoll.p2p.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.filter.Handshakes.Candidate;
import io.atoll.p2p.filter.Handshakes.Choice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HandshakesTest {
  private static final List<PeerId> IDS =
      Stream.generate(() -> Identity.generate().id()).limit(40).sorted().toList();
  private static final PeerFilter HOME = PeerFilter.parse("kind=home");
  private static final PeerFilter NEAR = PeerFilter.parse("rtt<100ms");

  private static PeerFacts facts(String kind, int rtt) {
    PeerFacts facts = rtt < 0 ? PeerFacts.NOTHING : facts(rtt);
    return kind.isEmpty() ? facts : facts.withKind(kind);
  }

  private static PeerFacts facts(int rtt) {
    return PeerFacts.NOTHING.withRtt(Duration.ofMillis(rtt));
  }

  private static Candidate candidate(int id, String kind, int rtt, boolean connected) {
    return new Candidate(IDS.get(id), facts(kind, rtt), false, connected);
  }

  @Test
  void ownKindGoesFirstThenWhatMayBeIt() {
    List<Candidate> all =
        List.of(
            candidate(0, "server", 1, true),
            candidate(1, "", 1, true),
            candidate(2, "home", 50, false),
            candidate(3, "home", 90, true),
            candidate(4, "home", 10, false),
            candidate(5, "home", 500, true),
            candidate(6, "home", -1, true));
    Choice choice = Handshakes.choose(all, 5, NEAR, HOME);
    // Of its own kind: connected, near, far; then one that is not measured; never the excluded.
    assertThat(choice.keep())
        .containsExactly(IDS.get(3), IDS.get(4), IDS.get(2), IDS.get(6), IDS.get(1));
    assertThat(choice.leave()).containsExactly(IDS.get(0), IDS.get(5));
  }

  @Test
  void whatIsNeededIsKeptWhateverItIs() {
    List<Candidate> all =
        List.of(
            new Candidate(IDS.get(0), facts("server", 900), true, true),
            new Candidate(IDS.get(1), facts("server", 900), true, false),
            candidate(2, "home", 1, true));
    assertThat(Handshakes.choose(all, 1, NEAR, HOME).keep())
        .containsExactly(IDS.get(0), IDS.get(1));
    assertThat(Handshakes.choose(all, 1, NEAR, HOME).leave()).containsExactly(IDS.get(2));
    assertThat(Handshakes.choose(all, 3, NEAR, HOME).leave()).isEmpty();
  }

  @Test
  void theChoiceIsStableAndWithinItsBound() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      List<Candidate> all = new ArrayList<>();
      for (int i = 0; i < random.nextInt(40); i++) {
        String kind = List.of("", "home", "server").get(random.nextInt(3));
        boolean needed = random.nextInt(10) == 0;
        all.add(
            new Candidate(
                IDS.get(i), facts(kind, random.nextInt(200) - 20), needed, random.nextBoolean()));
      }
      int bound = random.nextInt(20);
      Choice choice = Handshakes.choose(all, bound, NEAR, HOME);
      long needed = all.stream().filter(Candidate::needed).count();
      assertThat((long) choice.keep().size()).isLessThanOrEqualTo(Math.max(bound, needed));
      assertThat(Collections.disjoint(choice.keep(), choice.leave())).isTrue();
      for (Candidate one : all) {
        if (one.needed()) {
          assertThat(choice.keep()).contains(one.peer());
        } else if (NEAR.excludes(one.facts())) {
          assertThat(choice.keep()).doesNotContain(one.peer());
        }
      }
      Collections.shuffle(all, random);
      assertThat(Handshakes.choose(all, bound, NEAR, HOME)).isEqualTo(choice);
      // Once that is done, there is nothing more to do.
      List<Candidate> after =
          all.stream()
              .map(
                  one ->
                      new Candidate(
                          one.peer(),
                          one.facts(),
                          one.needed(),
                          choice.keep().contains(one.peer())))
              .toList();
      Choice again = Handshakes.choose(after, bound, NEAR, HOME);
      assertThat(again.keep()).containsExactlyInAnyOrderElementsOf(choice.keep());
      assertThat(again.leave()).isEmpty();
    }
  }
}
