package io.atoll.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.term.Exit;
import org.junit.jupiter.api.Test;

/// Words of real engines.
class StartRefusalTest {
  private static final String RUNC =
      "failed to create task for container: failed to create shim task: OCI runtime create failed:"
          + " runc create failed: unable to start container process: ";

  private static int code(String said) {
    Exit exit = StartRefusal.exit(said);
    assertThat(exit.neverBegan()).isTrue();
    assertThat(exit.detail()).isEqualTo(said);
    return exit.code();
  }

  @Test
  void aProgramThatCannotRunIsToldFromAMachineThatCannot() {
    assertThat(code(RUNC + "exec: \"nosuch\": executable file not found in $PATH: unknown"))
        .isEqualTo(127);
    assertThat(code(RUNC + "exec: \"/nosuch\": stat /nosuch: no such file or directory: unknown"))
        .isEqualTo(127);
    assertThat(code(RUNC + "exec: \"/etc/passwd\": permission denied: unknown")).isEqualTo(126);
    assertThat(code(RUNC + "open /sys/fs/cgroup/x: permission denied: unknown")).isEqualTo(125);
    assertThat(code(RUNC + "error mounting \"/a\": no such file or directory")).isEqualTo(125);
  }
}
