package io.atoll.p2p.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Resources;
import io.atoll.core.testing.Fuzz;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerFilterTest {
  private static final PeerFacts BERLIN =
      PeerFacts.NOTHING
          .withRtt(Duration.ofMillis(20))
          .withResources(new Resources(4000, 8L << 30, 100L << 30))
          .withUptime(Duration.ofHours(30))
          .withVersion("0.3.1")
          .withLocation("EU/DE/Berlin")
          .withKind("home");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rtt<50ms                             | YES
          rtt<20ms                             | NO
          rtt<=20ms                            | YES
          rtt > 0.019s                         | YES
          rtt=20000us                          | YES
          RTT != 20ms                          | NO
          cpu>=4                               | YES
          cpu>4                                | NO
          cpu>=3.999                           | YES
          cpu<4.001                            | YES
          memory>=8Gi                          | YES
          memory>=8.1Gi                        | NO
          disk>100G                            | YES
          uptime>1d                            | YES
          uptime>=30h                          | YES
          uptime>1801m                         | NO
          version>=0.3                         | YES
          version=0.3.1.0                      | YES
          version<0.3.10                       | YES
          version>0.3.1-rc1                    | YES
          version>=0.3.1+build                 | YES
          location=EU                          | YES
          location=eu/de                       | YES
          location=EU/D                        | NO
          location!=US                         | YES
          location="EU/DE/Berlin"              | YES
          kind=home                            | YES
          kind!=server                         | YES
          not rtt<50ms                         | NO
          not not rtt<50ms                     | YES
          rtt<50ms and cpu>=4                  | YES
          rtt<50ms and cpu>=5                  | NO
          rtt<5ms or cpu>=4 and kind=home      | YES
          (rtt<5ms or cpu>=4) and kind=server  | NO
          not (rtt<5ms or kind=server)         | YES
          everybody                            | YES
          not everybody                        | NO
          (((rtt<50ms)))and(cpu>1)             | YES
          """)
  void aFilterSaysWhatItReads(String text, Verdict verdict) {
    PeerFilter filter = PeerFilter.parse(text);
    assertThat(filter.judge(BERLIN)).isEqualTo(verdict);
    PeerFilter again = PeerFilter.parse(filter.toString());
    assertThat(again.judge(BERLIN)).isEqualTo(verdict);
    assertThat(again.toString()).isEqualTo(filter.toString());
  }

  @Test
  void whatIsNotKnownIsNeitherYesNorNo() {
    PeerFacts near = PeerFacts.NOTHING.withRtt(Duration.ofMillis(1));
    assertThat(judge("cpu>=4", near)).isEqualTo(Verdict.UNKNOWN);
    assertThat(judge("not cpu>=4", near)).isEqualTo(Verdict.UNKNOWN);
    assertThat(judge("rtt<5ms and cpu>=4", near)).isEqualTo(Verdict.UNKNOWN);
    assertThat(judge("rtt>5ms and cpu>=4", near)).isEqualTo(Verdict.NO);
    assertThat(judge("rtt<5ms or cpu>=4", near)).isEqualTo(Verdict.YES);
    assertThat(judge("", PeerFacts.NOTHING)).isEqualTo(Verdict.YES);
    PeerFilter filter = PeerFilter.parse("cpu>=4");
    assertThat(filter.accepts(near)).isFalse();
    assertThat(filter.excludes(near)).isFalse();
    // A version that is none is not known.
    assertThat(judge("version>1", near.withVersion("dirty"))).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void filtersAreJoined() {
    PeerFilter near = PeerFilter.parse("rtt<50ms");
    PeerFilter large = PeerFilter.parse("cpu>=64");
    assertThat(near.and(large).accepts(BERLIN)).isFalse();
    assertThat(near.or(large).accepts(BERLIN)).isTrue();
    assertThat(near.and(large.negate()).accepts(BERLIN)).isTrue();
    assertThat(near.and(large.or(near).negate()).toString())
        .isEqualTo("rtt<50ms and not (cpu>=64 or rtt<50ms)");
    assertThat(PeerFilter.everybody().and(near).toString()).isEqualTo("(everybody) and rtt<50ms");
    assertThat(PeerFilter.parse("location=\"EU/DE/Frankfurt am Main\"").toString())
        .isEqualTo("location=\"EU/DE/Frankfurt am Main\"");
    assertThat(PeerFilter.parse("rtt<1s")).isEqualTo(PeerFilter.parse(" rtt  <  1s "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ping<5ms              | character 1, “ping<5ms”: expected one of rtt, cpu, memory, disk
          rtt                   | its end: expected <, <=, >, >=, = or != after rtt
          rtt 5ms               | character 5, “5ms”: expected <, <=
          rtt<                  | its end: expected a time such as 50ms, 1.5s or 2h
          rtt<5                 | character 5, “5”: expected a time
          rtt<5 ms              | character 5, “5 ms”: expected a time
          rtt<-5ms              | character 5, “-5ms”: expected a time
          rtt<999999999d        | character 5, “999999999d”: expected a time
          cpu>=many             | character 6, “many”: expected a number of cores
          cpu>=1e9              | character 6, “1e9”: expected a number of cores
          memory>4Xi            | character 8, “4Xi”: expected a size
          version>new           | character 9, “new”: expected a version
          location<EU           | character 9, “<EU”: expected = or != after location
          kind=                 | its end: expected a word
          rtt<5ms and           | its end: expected one of rtt
          rtt<5ms cpu>4         | character 9, “cpu>4”: expected “and”, “or” or the end
          (rtt<5ms              | its end: expected “)”
          rtt<5ms)              | character 8, “)”: expected “and”, “or” or the end
          location="EU          | character 10, “"EU”: expected a value with a quote at its end
          not                   | its end: expected one of rtt
          """)
  void whatIsNoFilterSaysWhereAndWhat(String text, String message) {
    assertThatThrownBy(() -> PeerFilter.parse(text))
        .isInstanceOf(AtollException.class)
        .hasMessageStartingWith("cannot read the filter at " + message)
        .satisfies(
            e -> {
              assertThat(((AtollException) e).code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(((AtollException) e).hint()).contains("rtt<50ms and cpu>=4");
            });
  }

  @Test
  void lengthAndDepthAreBounded() {
    assertThatThrownBy(() -> PeerFilter.parse("(".repeat(999)))
        .hasMessageContaining("nested less deeply");
    assertThatThrownBy(() -> PeerFilter.parse("not ".repeat(200)))
        .hasMessageContaining("nested less deeply");
    assertThatThrownBy(() -> PeerFilter.parse(" ".repeat(1001))).hasMessageContaining("1001");
    assertThat(PeerFilter.parse("rtt<5ms" + " or rtt<5ms".repeat(80)).accepts(BERLIN)).isFalse();
  }

  @Test
  void damagedTexts() {
    List<byte[]> samples =
        List.of(
            bytes("rtt<50ms and cpu>=4 and (location=EU or uptime>1d)"),
            bytes("not (version>=0.3.1-rc1 or memory<8.5Gi) and kind!=\"a b\""),
            bytes("disk>=100G or everybody and not rtt=1.5s"));
    Fuzz.rounds(
        "peer filters",
        20_000,
        random -> {
          String text = new String(Fuzz.bytes(random, samples), StandardCharsets.UTF_8);
          try {
            PeerFilter filter = PeerFilter.parse(text);
            PeerFilter again = PeerFilter.parse(filter.toString());
            assertThat(again.judge(BERLIN)).isEqualTo(filter.judge(BERLIN));
            assertThat(again.toString()).isEqualTo(filter.toString());
          } catch (AtollException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.BAD_REQUEST);
            assertThat(refused.text()).hasSizeLessThan(300);
          }
        });
  }

  private static Verdict judge(String text, PeerFacts facts) {
    return PeerFilter.parse(text).judge(facts);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
