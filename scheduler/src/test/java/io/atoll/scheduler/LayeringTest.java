package io.atoll.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Layering;
import io.atoll.core.testing.Layering.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who may not use whom, and why.
class LayeringTest {
  @Test
  void arrowsPointDown() throws Exception {
    assertThat(
            Layering.violations(
                Path.of("target/classes"),
                List.of(
                    rule("scheduler.model", "io.atoll.scheduler.engine", "values know nobody"),
                    rule("scheduler", "java.nio.file", "decisions are pure"),
                    rule("scheduler", "java.net", "decisions are pure"),
                    rule("scheduler", "java.lang.Thread", "decisions are pure"),
                    rule(
                        "scheduler",
                        "org.slf4j",
                        "a decision says what it has to say in its result"))))
        .isEmpty();
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule("io.atoll." + who, mayNotUse, why);
  }
}
