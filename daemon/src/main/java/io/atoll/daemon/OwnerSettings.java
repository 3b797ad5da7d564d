package io.atoll.daemon;

import static io.atoll.daemon.UpSettings.text;

import io.atoll.client.config.Setting;
import io.atoll.client.config.Settings;
import io.atoll.core.term.ByteSize;
import io.atoll.runtime.resource.OwnerRules;
import io.atoll.runtime.resource.OwnerRules.Hours;
import io.atoll.runtime.resource.Thresholds;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// When a provider's owner comes first, and how busy the machine may get: as said by flag,
/// environment and file.
final class OwnerSettings {
  static final Setting CPU =
      Setting.of("owner-cpu", "", "tasks pause while other programs use more of the processors");
  static final Setting MEMORY =
      Setting.of("owner-memory", "", "tasks pause while less memory than this is available");
  static final Setting HOURS =
      Setting.of("owner-hours", "", "tasks pause at these hours, separated by commas");
  static final Setting BATTERY =
      Setting.of("pause-on-battery", "false", "tasks pause while the machine runs on battery");
  static final Setting CALM =
      Setting.of("owner-calm", "30", "seconds of calm before paused tasks go on");
  static final Setting BUSY_CPU =
      Setting.of("busy-cpu", "90%", "no new work while programs that are no tasks use more");
  static final Setting BUSY_MEMORY =
      Setting.of("busy-memory", "85%", "no new work while more of the memory is in use");
  static final Setting BUSY_DISK =
      Setting.of("busy-disk", "90%", "no new work while more of the disk is in use");

  static final List<Setting> ALL =
      List.of(CPU, MEMORY, HOURS, BATTERY, CALM, BUSY_CPU, BUSY_MEMORY, BUSY_DISK);

  private OwnerSettings() {}

  static OwnerRules rules(Settings said) {
    Double cpu = text(said, CPU).isEmpty() ? null : share(said, CPU);
    long memory =
        text(said, MEMORY).isEmpty()
            ? 0
            : read(said, MEMORY, "write a size such as 2Gi", ByteSize::parse);
    List<Hours> hours =
        text(said, HOURS).isEmpty()
            ? List.of()
            : read(
                said,
                HOURS,
                "write hours such as 09:00-17:30,20:00-22:00",
                words -> Arrays.stream(words.split(",")).map(Hours::parse).toList());
    Duration calm =
        read(
            said,
            CALM,
            "write seconds, from 0 to 86400",
            word -> Duration.ofSeconds(whole(word, 86_400)));
    return new OwnerRules(cpu, memory, hours, !UpSettings.flag(said, BATTERY), calm);
  }

  static Thresholds thresholds(Settings said) {
    return new Thresholds(share(said, BUSY_CPU), share(said, BUSY_MEMORY), share(said, BUSY_DISK));
  }

  /// `85%` or `85`, as 0.85.
  private static double share(Settings said, Setting setting) {
    return read(
        said,
        setting,
        "write a share of the whole such as 85%",
        word -> {
          long percent = whole(word.replaceFirst("%$", ""), 100);
          if (percent == 0) {
            throw new IllegalArgumentException("none at all");
          }
          return percent / 100.0;
        });
  }

  private static long whole(String word, long most) {
    long number = Long.parseLong(word);
    if (number < 0 || number > most) {
      throw new IllegalArgumentException("out of range");
    }
    return number;
  }

  private static <T> T read(
      Settings said, Setting setting, String hint, Function<String, T> reading) {
    try {
      return reading.apply(text(said, setting));
    } catch (IllegalArgumentException e) {
      throw UpSettings.wrong(said, setting, hint);
    }
  }
}
