package io.atoll.vpn.port;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Layering;
import io.atoll.core.testing.Layering.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who may not use whom, and why.
class PortLayeringTest {
  @Test
  void arrowsPointDown() throws Exception {
    List<Rule> rules =
        List.of(
            rule("io.atoll.vpn.wireguard", "a port does not know where its packets go"),
            rule("io.atoll.p2p", "a port does not know how packets travel"),
            rule("io.atoll.core.identity", "packets have addresses, not peers"));
    assertThat(Layering.violations(Path.of("target/classes"), rules)).isEmpty();
  }

  private static Rule rule(String mayNotUse, String why) {
    return new Rule("io.atoll.vpn.port", mayNotUse, why);
  }
}
