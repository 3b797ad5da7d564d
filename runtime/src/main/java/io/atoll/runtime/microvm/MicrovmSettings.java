package io.atoll.runtime.microvm;

import io.atoll.runtime.process.ProcessSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator decides about the `microvm` driver.
///
/// @param qemu the program; null = find it
/// @param guest folder with kernel and initramfs, and perhaps a QEMU, `qemu/qemu-system-x86_64`,
///     which comes before the system's
/// @param state folder of this driver alone: QEMU's runs, templates
/// @param host how QEMU is run as a process: supervisor, bubblewrap, control groups; its folder of
///     runs is not used
/// @param templates whether guests may begin as copies of a booted one. Guests of one template
///     share the pages that none of them wrote: a side channel between them
/// @param bootLimit how long a guest may take to its agent
public record MicrovmSettings(
    @Nullable Path qemu,
    Path guest,
    Path state,
    ProcessSettings host,
    boolean templates,
    Duration bootLimit) {
  /// QEMU's console: what the kernel says when it dies.
  private static final int CONSOLE_SEGMENT = 64 << 10;

  public MicrovmSettings {
    guest = guest.toAbsolutePath();
    state = state.toAbsolutePath();
  }

  public static MicrovmSettings of(Path supervisor, Path guest, Path state) {
    return new MicrovmSettings(
        null,
        guest,
        state,
        ProcessSettings.of(supervisor, state.resolve("qemu")),
        true,
        Duration.ofSeconds(90));
  }

  public MicrovmSettings withTemplates(boolean allowed) {
    return new MicrovmSettings(qemu, guest, state, host, allowed, bootLimit);
  }

  /// How QEMU's processes are run.
  ProcessSettings hostProcesses() {
    return new ProcessSettings(
        host.supervisor(),
        state.resolve("qemu"),
        host.bubblewrap(),
        false,
        host.cgroup(),
        guest.startsWith("/usr") ? List.of() : List.of(guest), // a QEMU of ours lies there
        host.shared(),
        CONSOLE_SEGMENT,
        2);
  }
}
