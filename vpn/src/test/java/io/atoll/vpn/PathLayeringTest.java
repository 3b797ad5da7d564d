package io.atoll.vpn;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Layering;
import io.atoll.core.testing.Layering.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What chooses and carries ways to other nodes.
class PathLayeringTest {
  private static final String PATH = "io.atoll.vpn.path";
  private static final String STREAM = "io.atoll.vpn.stream";
  private static final String RELAY = "io.atoll.vpn.relay";
  private static final String NODE = "io.atoll.vpn.node";

  @Test
  void arrowsPointDown() throws Exception {
    List<Rule> rules =
        List.of(
            new Rule(PATH, "java.lang.Thread", "what is simulated has no threads"),
            new Rule(PATH, "java.util.concurrent", "it is used by one thread at a time"),
            new Rule(PATH, "java.lang.System", "time comes with each event"),
            new Rule(PATH, "java.time.Instant", "time comes with each event"),
            new Rule(PATH, "java.io", "it has no sockets"),
            new Rule(PATH, "java.security.SecureRandom", "chance is handed to it"),
            new Rule(PATH, "io.atoll.p2p.host", "it knows no host"),
            new Rule(PATH, STREAM, "what decides knows nothing of what carries"),
            new Rule(PATH, RELAY, "what decides knows nothing of what carries"),
            new Rule(STREAM, RELAY, "a stream carries any packets"),
            new Rule(STREAM, NODE, "a stream carries any packets"),
            new Rule(RELAY, NODE, "a relay knows no networks"),
            new Rule(RELAY, "io.atoll.vpn.network", "a relay knows no networks"),
            new Rule(RELAY, "io.atoll.vpn.vswitch", "a relay knows no networks"));
    assertThat(Layering.violations(Path.of("target/classes"), rules)).isEmpty();
  }
}
