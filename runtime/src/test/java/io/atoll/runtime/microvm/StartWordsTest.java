package io.atoll.runtime.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.Resources;
import io.atoll.core.term.RunId;
import io.atoll.core.term.TaskId;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.DriverException;
import io.atoll.runtime.guest.GuestCards;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StartWordsTest {
  private static String words(List<String> entrypoint, List<String> said, String... command)
      throws DriverException {
    ActivitySpec spec =
        new ActivitySpec(
            new RunId(TaskId.random(new Random(1)), new Epoch(1, 1)),
            TestGuests.workload(List.of(command), Map.of(), new Resources(1000, 96L << 20, 0), 64),
            Path.of("unused"));
    MicrovmImage image = new MicrovmImage(Path.of("unused"), entrypoint, said, Map.of(), "", "");
    return new String(StartWords.of(spec, image, GuestCards.NONE), StandardCharsets.UTF_8);
  }

  @Test
  void anImageThatSaysNotWhatToRunNeedsACommand() throws Exception {
    assertThatThrownBy(() -> words(List.of(), List.of()))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST);
              assertThat(e.text()).contains("neither the task nor its image");
              assertThat(e.hint()).isNotEmpty();
            });
    assertThat(words(List.of(), List.of(), "true")).startsWith("arg=true\0");
    assertThat(words(List.of("sh"), List.of("-c"), "x")).startsWith("arg=sh\0arg=x\0");
    assertThat(words(List.of("sh"), List.of("-c"))).startsWith("arg=sh\0arg=-c\0");
  }
}
