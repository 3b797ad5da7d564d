package io.atoll.client.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {
  @ParameterizedTest
  @CsvSource({
    "45,45000",
    "2h30m,9000000",
    "90s,90000",
    "1d,86400000",
    "500ms,500",
    "1m1s1ms,61001",
    "0,0"
  })
  void readsTimeSpans(String text, long millis) {
    assertThat(TimeSpan.parse(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "h",
        "1.5h",
        "-1s",
        "1h30",
        "1 h",
        "1w",
        "4000d",
        "99999999999999999999s",
        "1hh"
      })
  void refusesWhatIsNoTimeSpan(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> TimeSpan.parse(text));
  }

  @ParameterizedTest
  @CsvSource({"9000,2h30m", "45,45s", "86400,1d", "90061,1d1h1m1s", "0,0s"})
  void writesTimeSpans(long seconds, String text) {
    assertThat(TimeSpan.format(Duration.ofSeconds(seconds))).isEqualTo(text);
    assertThat(TimeSpan.parse(text)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void findsTheNearestWord() {
    List<String> words = List.of("task", "node", "invite", "completion");
    assertThat(Nearest.to("tsak", words)).contains("task");
    assertThat(Nearest.to("invites", words)).contains("invite");
    assertThat(Nearest.to("compeltoin", words)).contains("completion");
    assertThat(Nearest.to("frobnicate", words)).isEmpty();
    assertThat(Nearest.to("x".repeat(100_000), words)).isEmpty();
  }

  @Test
  void showsForeignTextOnOneVisibleLine() {
    assertThat(Shown.quoted("a\nb\u001b[31m\u202ec")).isEqualTo("'a\\nb\\u001b[31m\\u202ec'");
    assertThat(Shown.quoted("x".repeat(1000))).hasSizeLessThan(70);
    assertThat(Shown.quoted("größe 😀")).isEqualTo("'größe 😀'");
  }
}
