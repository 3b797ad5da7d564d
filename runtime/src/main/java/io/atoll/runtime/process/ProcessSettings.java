package io.atoll.runtime.process;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator decides about the `process` driver.
///
/// @param supervisor the program `atoll-supervisor` for this machine
/// @param runs the folder in which every run has its folder; of one daemon alone
/// @param bubblewrap the program `bwrap`
/// @param allowBare whether tasks may run without a sandbox
/// @param cgroup group to make groups in, below the root of each tree; null = find one
/// @param visible folders of the host that sandboxes see, read-only, beside /usr
/// @param shared folder in which the daemons of this machine agree on who uses which uids
/// @param segmentBytes size at which the output starts a new segment
/// @param segments how many segments of output are kept
public record ProcessSettings(
    Path supervisor,
    Path runs,
    Path bubblewrap,
    boolean allowBare,
    @Nullable String cgroup,
    List<Path> visible,
    Path shared,
    long segmentBytes,
    int segments) {

  public ProcessSettings {
    supervisor = supervisor.toAbsolutePath();
    runs = runs.toAbsolutePath();
    visible = List.copyOf(visible);
  }

  public static ProcessSettings of(Path supervisor, Path runs) {
    return new ProcessSettings(
        supervisor,
        runs,
        Path.of("/usr/bin/bwrap"),
        false,
        null,
        List.of(),
        Path.of("/run/atoll"),
        4 << 20,
        16);
  }

  public ProcessSettings withBare(boolean allowed) {
    return new ProcessSettings(
        supervisor, runs, bubblewrap, allowed, cgroup, visible, shared, segmentBytes, segments);
  }

  public ProcessSettings withBubblewrap(Path program) {
    return new ProcessSettings(
        supervisor, runs, program, allowBare, cgroup, visible, shared, segmentBytes, segments);
  }
}
