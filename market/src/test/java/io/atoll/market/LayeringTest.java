package io.atoll.market;

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
                    rule(
                        "market", "io.atoll.runtime", "what is agreed does not know how it is run"),
                    rule(
                        "market.agreement",
                        "io.atoll.market.activity",
                        "agreements come before activities"),
                    rule(
                        "market",
                        "io.atoll.p2p.swarm",
                        "protocols speak through a host and its streams"),
                    rule(
                        "market",
                        "io.atoll.p2p.transport",
                        "protocols speak through a host and its streams"))))
        .isEmpty();
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule("io.atoll." + who, mayNotUse, why);
  }
}
