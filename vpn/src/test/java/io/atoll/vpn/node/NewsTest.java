package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.testing.Fuzz;
import io.atoll.vpn.path.Candidate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewsTest {
  private static final PeerId RELAY = Identity.generate().id();
  private static final Candidate LOCAL =
      new Candidate(new InetSocketAddress("10.0.0.1", 7465), Candidate.Kind.LOCAL);
  private static final Candidate SEEN =
      new Candidate(new InetSocketAddress("2001:db8::1", 7465), Candidate.Kind.OBSERVED);
  private static final News NEWS =
      new News(
          true,
          List.of(LOCAL, SEEN),
          List.of(new News.Relay(RELAY, List.of("/ip4/192.0.2.1/tcp/7464"))));

  @Test
  void whatIsToldIsHeard() throws Exception {
    assertThat(News.read(NEWS.write())).isEqualTo(NEWS);
  }

  @Test
  void muchIsCut() throws Exception {
    News much =
        new News(
            false,
            Collections.nCopies(100, LOCAL),
            Collections.nCopies(100, new News.Relay(RELAY, Collections.nCopies(100, "/x"))));
    assertThat(much.write().length).isLessThan(News.LONGEST);
    News heard = News.read(much.write());
    assertThat(heard.candidates()).hasSize(16);
    assertThat(heard.relays()).hasSize(4);
    assertThat(heard.relays().getFirst().addresses()).hasSize(8);
  }

  @Test
  void whatMeansNothingIsLeftOut() throws Exception {
    String text =
        """
        {"candidates":[null,{"at":"0.0.0.0:1","kind":"LOCAL"},{"at":"224.0.0.1:5","kind":"LOCAL"},
        {"at":"localhost:1","kind":"LOCAL"},{"at":"10.0.0.1:0","kind":"LOCAL"},
        {"at":"10.0.0.1:7","kind":"TOLD"},{"at":"10.0.0.1:7","kind":"MAPPED"}],"relays":[null,{}]}
        """;
    News news = News.read(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(news.candidates())
        .containsExactly(
            new Candidate(new InetSocketAddress("10.0.0.1", 7), Candidate.Kind.MAPPED));
    assertThat(news.relays()).isEmpty();
    assertThat(news.ask()).isFalse();
  }

  @Test
  void damagedNews() {
    byte[] sample = NEWS.write();
    Fuzz.rounds(
        "news",
        10_000,
        random -> {
          byte[] bytes = Fuzz.bytes(random, List.of(sample));
          try {
            News news = News.read(bytes);
            assertThat(news.candidates().size()).isLessThanOrEqualTo(16);
            assertThat(news.write().length).isLessThan(News.LONGEST);
          } catch (IOException refused) {
            assertThat(refused.getMessage()).isNotEmpty();
          }
        });
  }
}
