package io.atoll.runtime.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client and the program against QEMU itself.
@Tag("real")
@Timeout(60)
class RealQmpTest {
  @TempDir Path folder;

  @Test
  void stopsAndContinuesAndQuits() throws Exception {
    Optional<Path> found = QemuProgram.find("x86_64", List.of());
    Assumptions.assumeTrue(found.isPresent(), "qemu: qemu-system-x86_64 is not installed");
    QemuProgram program = QemuProgram.ask(found.get());
    Path socket = folder.resolve("qmp");
    Process qemu =
        new ProcessBuilder(
                program.path().toString(),
                "-M",
                program.machine(),
                "-accel",
                "tcg",
                "-m",
                "16",
                "-nodefaults",
                "-display",
                "none",
                "-S",
                "-qmp",
                "unix:" + socket + ",server=on,wait=off")
            .inheritIO()
            .start();
    List<String> events = new CopyOnWriteArrayList<>();
    try {
      try (Qmp qmp = Qmp.connect(socket, Duration.ofSeconds(20), e -> events.add(e.name()))) {
        assertThat(program.text()).startsWith(qmp.version());
        assertThat(qmp.execute("query-status").path("status").asText()).isEqualTo("prelaunch");
        qmp.execute("cont");
        qmp.execute("stop");
        assertThat(qmp.execute("query-status").path("running").asBoolean()).isFalse();
        assertThat(events).containsExactly("RESUME", "STOP");
        assertThatThrownBy(() -> qmp.execute("no-such-command"))
            .hasMessageContaining("no-such-command");
        // It serves one at a time.
        assertThatThrownBy(() -> Qmp.connect(socket, Duration.ofMillis(200), e -> {}))
            .isInstanceOf(QmpException.class);
      }
      try (Qmp again = Qmp.connect(socket, Duration.ofSeconds(20), e -> {})) {
        again.execute("quit");
        assertThat(again.awaitEnd(Duration.ofSeconds(10))).isTrue();
      }
      assertThat(qemu.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      qemu.destroyForcibly();
    }
  }

  @Test
  void aProgramThatIsNoQemuIsToldApart() {
    assertThatThrownBy(() -> QemuProgram.ask(Path.of("/bin/true"))).hasMessageContaining("version");
  }
}
