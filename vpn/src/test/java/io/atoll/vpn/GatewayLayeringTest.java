package io.atoll.vpn;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Layering;
import io.atoll.core.testing.Layering.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the stack in user space may use.
class GatewayLayeringTest {
  private static final String GATEWAY = "io.atoll.vpn.gateway";
  private static final String MACHINE = GATEWAY + ".tcp";

  @Test
  void arrowsPointDown() throws Exception {
    List<Rule> rules =
        List.of(
            new Rule(MACHINE, GATEWAY, "the machine knows neither its shell nor its addresses"),
            new Rule(MACHINE, "java.lang.Thread", "it has no threads"),
            new Rule(MACHINE, "java.util.concurrent", "it is used by one thread at a time"),
            new Rule(MACHINE, "java.lang.System", "time comes with each event"),
            new Rule(MACHINE, "java.time", "time comes with each event"),
            new Rule(MACHINE, "java.net", "it has no sockets"),
            new Rule(MACHINE, "java.util.Random", "chance is handed to it"),
            new Rule(MACHINE, "java.security", "chance is handed to it"),
            new Rule(GATEWAY, "io.atoll.vpn.wireguard", "who seals packets is its caller's affair"),
            new Rule(GATEWAY, "io.atoll.vpn.network", "who may come in is decided before it"),
            new Rule(GATEWAY, "io.atoll.core.os", "it needs nothing of the system"));
    assertThat(Layering.violations(Path.of("target/classes"), rules)).isEmpty();
  }
}
