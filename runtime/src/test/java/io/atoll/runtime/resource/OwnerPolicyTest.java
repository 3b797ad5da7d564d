package io.atoll.runtime.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.runtime.resource.OwnerRules.Hours;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnerPolicyTest {
  private static final LocalTime NOON = LocalTime.of(12, 0);
  private static final Duration CALM = Duration.ofSeconds(30);

  private static Load load(double ownerCpu, long available, Load.Power power) {
    return new Load(0.99, ownerCpu, 1000, available, 1000, 500, power);
  }

  private static final Load QUIET = load(0.1, 600, Load.Power.MAINS);

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void pausesAtOnceAndGoesOnAfterACalmWindow() {
    OwnerPolicy policy = new OwnerPolicy(new OwnerRules(0.5, 0, List.of(), true, CALM));
    assertThat(policy.step(0, NOON, QUIET)).isNull();
    assertThat(policy.step(seconds(1), NOON, load(0.6, 600, Load.Power.MAINS)))
        .contains("60 %")
        .contains("50 %");
    assertThat(policy.step(seconds(2), NOON, QUIET)).isNotNull();
    assertThat(policy.step(seconds(20), NOON, load(0.7, 600, Load.Power.MAINS))).isNotNull();
    assertThat(policy.step(seconds(21), NOON, QUIET)).isNotNull();
    assertThat(policy.step(seconds(50), NOON, QUIET)).isNotNull();
    assertThat(policy.step(seconds(51), NOON, QUIET)).isNull();
  }

  @Test
  void whatGuestsUseIsNoReason() {
    OwnerPolicy policy = new OwnerPolicy(new OwnerRules(0.5, 0, List.of(), true, CALM));
    assertThat(policy.step(0, NOON, load(0.4, 600, Load.Power.MAINS))).isNull();
  }

  @Test
  void eachRuleSaysItsReason() {
    Hours work = Hours.parse("09:00-17:00");
    OwnerRules rules = new OwnerRules(null, 100, List.of(work), false, CALM);
    assertThat(new OwnerPolicy(rules).step(0, NOON, QUIET)).contains("09:00-17:00");
    LocalTime evening = LocalTime.of(20, 0);
    assertThat(new OwnerPolicy(rules).step(0, evening, load(0, 600, Load.Power.BATTERY)))
        .contains("battery");
    assertThat(new OwnerPolicy(rules).step(0, evening, load(0, 99, Load.Power.MAINS)))
        .contains("memory");
    assertThat(new OwnerPolicy(rules).step(0, evening, QUIET)).isNull();
    assertThat(new OwnerPolicy(OwnerRules.NONE).step(0, NOON, load(1, 0, Load.Power.BATTERY)))
        .isNull();
    assertThat(OwnerRules.NONE.any()).isFalse();
    assertThat(rules.any()).isTrue();
  }

  @Test
  void hoursMayLieOverMidnight() {
    Hours night = Hours.parse(" 22:00 - 06:00 ");
    assertThat(night.contains(LocalTime.of(23, 0))).isTrue();
    assertThat(night.contains(LocalTime.MIDNIGHT)).isTrue();
    assertThat(night.contains(LocalTime.of(6, 0))).isFalse();
    assertThat(night.contains(NOON)).isFalse();
    assertThat(Hours.parse("08:00-08:00").contains(NOON)).isTrue();
    for (String wrong : List.of("", "9-17", "09:00", "09:00-25:00", "a-b", "09:00-10:00-11:00")) {
      assertThatThrownBy(() -> Hours.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("09:00-17:30");
    }
  }

  @Test
  void thresholdsSayWhatIsBeyondThem() {
    Thresholds usual = new Thresholds(0.9, 0.85, 0.9);
    assertThat(usual.exceeded(0.99, QUIET)).singleElement().asString().contains("99 %");
    Load full = new Load(0.2, 0.2, 1000, 140, 1000, 50, Load.Power.UNKNOWN);
    assertThat(usual.exceeded(-1, full)).hasSize(2);
    assertThat(Thresholds.NONE.exceeded(1, full)).isEmpty();
    assertThatThrownBy(() -> new Thresholds(0, 1, 1)).hasMessageContaining("cpu");
    assertThatThrownBy(() -> new Thresholds(1, 1.1, 1)).hasMessageContaining("memory");
  }
}
