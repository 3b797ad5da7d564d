package io.atoll.vpn.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.vpn.path.PathReport.State;
import io.atoll.vpn.path.PathReport.Tried;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PathAdviceTest {
  private static final Path HERE = new Path.Direct(new InetSocketAddress("192.0.2.1", 7465));
  private static final PeerId RELAY = Identity.generate().id();

  private static Tried tried(Path over, State state, int probes, Duration rtt, String refused) {
    Candidate.Kind kind = over instanceof Path.Direct ? Candidate.Kind.OBSERVED : null;
    return new Tried(over, kind, state, probes, rtt == null ? 0 : 1, 0, rtt, refused);
  }

  @Test
  void whatIsDirectNeedsNothing() {
    PathAdvice advice =
        PathAdvice.of(
            new PathReport(
                HERE,
                "it answers there",
                List.of(tried(HERE, State.ALIVE, 3, Duration.ofMillis(12), null))),
            "web-1");
    assertThat(advice.verdict())
        .isEqualTo("packets to web-1 go directly to 192.0.2.1:7465, 12.0 ms: it answers there");
    assertThat(advice.tried().getFirst().millis()).isEqualTo(12.0);
    assertThat(advice.fix()).isEmpty();
  }

  @Test
  void silenceIsAWall() {
    PathAdvice advice =
        PathAdvice.of(
            new PathReport(
                new Path.Relayed(RELAY),
                "none of its addresses answers",
                List.of(
                    tried(new Path.Relayed(RELAY), State.ALIVE, 2, Duration.ofMillis(5), null),
                    tried(HERE, State.TRYING, 9, null, null))),
            "web-1");
    assertThat(advice.verdict()).contains("through the relay " + RELAY).contains("5.0 ms");
    assertThat(advice.tried().getLast().cause()).contains("no answer to 9 probes");
    assertThat(advice.fix())
        .singleElement()
        .asString()
        .contains("web-1 answers no UDP from outside: open UDP port 7465");
  }

  @Test
  void eachOtherCauseHasAFixOfItsOwn() {
    assertThat(fix(List.of())).contains("has not said where it is").contains("--relay-packets");
    assertThat(fix(List.of(tried(HERE, State.REFUSED, 1, null, "unreachable"))))
        .contains("of the same kind (IPv4");
    assertThat(fix(List.of(tried(HERE, State.TRYING, 0, null, null))))
        .contains("send something to web-1");
  }

  private static String fix(List<Tried> tried) {
    PathReport report = new PathReport(new Path.Stream(), "nothing answers", tried);
    return String.join("\n", PathAdvice.of(report, "web-1").fix());
  }
}
