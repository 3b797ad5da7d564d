package io.atoll.core;

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
                    rule("core", "java.net.http", "values and mechanisms know no web"),
                    rule("core.term", "java.nio.file", "values have no side effects"),
                    rule("core.term", "io.atoll.core.os", "values have no side effects"),
                    rule("core.error", "io.atoll.core.term", "errors are at the bottom"),
                    rule(
                        "core.multiformat",
                        "io.atoll.core.identity",
                        "encodings do not know what they encode"),
                    rule("core.os", "io.atoll.core.term", "system calls know no tasks"),
                    rule("core.os", "io.atoll.core.identity", "system calls know no peers"))))
        .isEmpty();
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule("io.atoll." + who, mayNotUse, why);
  }
}
