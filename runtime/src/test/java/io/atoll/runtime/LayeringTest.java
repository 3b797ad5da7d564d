package io.atoll.runtime;

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
                    rule("runtime", "io.atoll.p2p", "a runtime works without a network of peers"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.process",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.docker",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.card",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.card",
                        "io.atoll.runtime.process",
                        "who keeps a card does not matter to who asks for it"),
                    rule(
                        "runtime.card",
                        "io.atoll.runtime.docker",
                        "who keeps a card does not matter to who asks for it"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.cgroup",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.image",
                        "io.atoll.runtime.driver",
                        "images do not know who runs them"),
                    rule(
                        "runtime.image",
                        "io.atoll.runtime.docker",
                        "images do not know who runs them"),
                    rule(
                        "runtime.image",
                        "io.atoll.runtime.signature",
                        "what an image is does not depend on who trusts it"),
                    rule(
                        "runtime.image.content",
                        "io.atoll.runtime.image.registry",
                        "a store does not know where bytes come from"),
                    rule(
                        "runtime.image.layer",
                        "io.atoll.runtime.image.content",
                        "unpacking works on any stream"),
                    rule(
                        "runtime.output", "io.atoll.runtime.driver", "output is a format of files"),
                    rule(
                        "runtime.cgroup",
                        "io.atoll.runtime.process",
                        "limits do not know who is limited"),
                    rule(
                        "runtime.process",
                        "io.atoll.runtime.docker",
                        "drivers do not know each other"),
                    rule(
                        "runtime.docker",
                        "io.atoll.runtime.process",
                        "drivers do not know each other"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.qemu",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.qemu",
                        "io.atoll.runtime.driver",
                        "QEMU is a program, and no driver"),
                    rule(
                        "runtime.qemu",
                        "io.atoll.runtime.vm",
                        "QEMU does not know what runs in it"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.vm",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.vm", "io.atoll.runtime.microvm", "drivers do not know each other"),
                    rule(
                        "runtime.microvm", "io.atoll.runtime.vm", "drivers do not know each other"),
                    rule(
                        "runtime.qemu",
                        "io.atoll.runtime.microvm",
                        "QEMU does not know what runs in it"),
                    rule(
                        "runtime.process",
                        "io.atoll.runtime.microvm",
                        "QEMU is a run like any other"),
                    rule(
                        "runtime.driver",
                        "io.atoll.runtime.plugin",
                        "the contract knows no implementation"),
                    rule(
                        "runtime.plugin",
                        "io.atoll.runtime.process",
                        "a runtime of somebody else brings its own sandbox"),
                    rule(
                        "runtime.plugin",
                        "io.atoll.runtime.docker",
                        "drivers do not know each other"),
                    rule(
                        "runtime.microvm",
                        "io.atoll.runtime.docker",
                        "drivers do not know each other"))))
        .isEmpty();
  }

  private static Rule rule(String who, String mayNotUse, String why) {
    return new Rule("io.atoll." + who, mayNotUse, why);
  }
}
