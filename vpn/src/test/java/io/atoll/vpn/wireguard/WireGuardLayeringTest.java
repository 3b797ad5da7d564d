package io.atoll.vpn.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.testing.Layering;
import io.atoll.core.testing.Layering.Rule;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireGuardLayeringTest {
  private static final String HERE = "io.atoll.vpn.wireguard.";

  @Test
  void arrowsPointDown() throws Exception {
    List<Rule> rules =
        List.of(
            rule("crypto", HERE + "noise", "primitives know no protocol"),
            rule("crypto", HERE + "machine", "primitives know no protocol"),
            rule("route", HERE + "crypto", "addresses and counters need no keys"),
            rule("noise", HERE + "machine", "a handshake does not know when it is due"),
            rule("machine", HERE + "noise", "what is simulated knows no messages"),
            rule("machine", HERE + "crypto", "what is simulated knows no keys"),
            rule("machine", "io.atoll.p2p", "what is simulated knows no network"),
            rule("machine", "java.lang.Thread", "it has no threads"),
            rule("machine", "java.util.concurrent", "it is used by one thread at a time"),
            rule("machine", "java.time.Clock", "time comes with each event"),
            rule("machine", "java.time.Instant", "time comes with each event"),
            rule("machine", "java.net", "it has no sockets"),
            rule("machine", "java.io", "it has no files"),
            rule("machine", "java.security", "chance is handed to it"),
            rule("noise", "java.lang.Thread", "it has no threads"),
            rule("noise", "java.net", "it has no sockets"),
            rule("Engine", "java.lang.Thread", "it is run, it does not run"),
            rule("Handshakes", "java.lang.Thread", "it is run, it does not run"),
            new Rule("io.atoll.vpn.wireguard", "io.atoll.vpn.port", "it seals any packet"),
            new Rule("io.atoll.vpn.wireguard", "io.atoll.p2p", "its datagrams go any way"));
    assertThat(Layering.violations(Path.of("target/classes"), rules)).isEmpty();
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule(HERE + who, mayNotUse, why);
  }
}
