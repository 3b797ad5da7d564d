package io.atoll.runtime.qemu.saved;

import java.nio.file.Path;

/// A socket in QEMU's folder, where its state comes or goes.
///
/// @param ours its path for this process
/// @param theirs its path for QEMU
public record Meeting(Path ours, String theirs) {
  String uri() {
    return "unix:" + theirs;
  }
}
