package io.atoll.daemon;

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
                        "daemon.hub",
                        "io.atoll.daemon.provider",
                        "hub and provider meet only through the market protocol"),
                    rule(
                        "daemon.provider",
                        "io.atoll.daemon.hub",
                        "hub and provider meet only through the market protocol"),
                    rule(
                        "daemon.hub",
                        "io.atoll.daemon.golem",
                        "our own words do not bend to foreign ones"),
                    rule(
                        "daemon.provider",
                        "io.atoll.daemon.golem",
                        "our own words do not bend to foreign ones"),
                    rule(
                        "daemon.golem",
                        "io.atoll.daemon.rest",
                        "it translates, and does not know how it is asked"),
                    rule(
                        "daemon.golem",
                        "io.atoll.daemon.store.sqlite",
                        "what it keeps goes through the hub"),
                    rule(
                        "daemon.hub",
                        "io.atoll.daemon.unlimited",
                        "our own words do not bend to foreign ones"),
                    rule(
                        "daemon.unlimited",
                        "io.atoll.daemon.rest",
                        "it translates, and does not know how it is asked"),
                    rule("daemon.unlimited", "io.atoll.p2p", "what it tells it hears of the hub"),
                    rule("daemon.hub", "io.atoll.daemon.rest", "the hub does not know who asks"),
                    rule(
                        "daemon.provider",
                        "io.atoll.daemon.rest",
                        "the provider does not know who asks"),
                    rule(
                        "daemon.hub",
                        "io.atoll.daemon.store.sqlite",
                        "the hub knows the store by its interface"),
                    rule("daemon.hub", "io.atoll.runtime", "the hub runs nothing"),
                    rule(
                        "daemon.rest",
                        "io.atoll.daemon.store.sqlite",
                        "requests go through the hub"),
                    rule("daemon.rest", "io.atoll.p2p", "requests go through the hub"),
                    rule("daemon.peers", "io.atoll.daemon.rest", "it does not know who asks"),
                    rule("daemon.store", "io.atoll.daemon.hub", "the store does not decide"),
                    rule(
                        "daemon.journal",
                        "io.atoll.daemon.provider",
                        "the journal does not decide"))))
        .isEmpty();
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule("io.atoll." + who, mayNotUse, why);
  }
}
