package io.atoll.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.config.Places;
import io.atoll.client.config.Settings;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.Thresholds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnerSettingsTest {
  @TempDir Path home;

  private Settings said(Map<String, String> flags) {
    Places places = new Places(home.resolve("c"), home.resolve("d"), home.resolve(".env"));
    return new Settings(flags, Map.of(), places);
  }

  @Test
  void nothingSaidIsNoRuleAndTheUsualThresholds() {
    OwnerRules rules = OwnerSettings.rules(said(Map.of()));
    assertThat(rules.any()).isFalse();
    assertThat(rules.calm()).isEqualTo(Duration.ofSeconds(30));
    assertThat(OwnerSettings.thresholds(said(Map.of()))).isEqualTo(new Thresholds(0.9, 0.85, 0.9));
  }

  @Test
  void readsWhatIsSaid() {
    OwnerRules rules =
        OwnerSettings.rules(
            said(
                Map.of(
                    "owner-cpu", "50%",
                    "owner-memory", "2Gi",
                    "owner-hours", "09:00-12:00,13:00-17:30",
                    "pause-on-battery", "true",
                    "owner-calm", "5")));
    assertThat(rules.ownerCpu()).isEqualTo(0.5);
    assertThat(rules.memoryAvailable()).isEqualTo(2L << 30);
    assertThat(rules.hours()).hasSize(2);
    assertThat(rules.onBattery()).isFalse();
    assertThat(rules.calm()).isEqualTo(Duration.ofSeconds(5));
    assertThat(OwnerSettings.thresholds(said(Map.of("busy-memory", "70", "busy-cpu", "100"))))
        .isEqualTo(new Thresholds(1, 0.7, 0.9));
  }

  @ParameterizedTest
  @CsvSource({
    "owner-cpu, 0",
    "owner-cpu, 101%",
    "owner-cpu, half",
    "owner-memory, lots",
    "owner-hours, 9-17",
    "pause-on-battery, maybe",
    "owner-calm, -1",
    "owner-calm, 30s",
    "busy-disk, 150",
  })
  void refusesWhatCannotBe(String setting, String value) {
    Settings said = said(Map.of(setting, value));
    assertThatThrownBy(
            () -> {
              OwnerSettings.rules(said);
              OwnerSettings.thresholds(said);
            })
        .isInstanceOfSatisfying(
            AtollException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.text()).contains(setting, value);
              assertThat(e.hint()).isNotEmpty();
            });
  }
}
