package io.atoll.runtime.microvm;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A container image as this driver takes it.
///
/// @param squashfs its files; must not change while a run has it
/// @param entrypoint and `command`: what runs where the task does not say
/// @param env its variables
/// @param workdir folder to run in; empty = /
/// @param user `user`, `uid`, `user:group` or `uid:gid`; empty = root of the guest
public record MicrovmImage(
    Path squashfs,
    List<String> entrypoint,
    List<String> command,
    Map<String, String> env,
    String workdir,
    String user) {
  public MicrovmImage {
    squashfs = squashfs.toAbsolutePath();
    entrypoint = List.copyOf(entrypoint);
    command = List.copyOf(command);
    env = Map.copyOf(env);
  }
}
