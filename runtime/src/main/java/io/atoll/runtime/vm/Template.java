package io.atoll.runtime.vm;

import java.nio.file.Path;

/// A machine that has booted and stands still, without key, card, payload or identity: its disk's
/// layer over the image, and its state as QEMU saves it.
record Template(Path folder) {
  Path disk() {
    return folder.resolve(VmFolder.TEMPLATE_DISK);
  }

  Path state() {
    return folder.resolve("state");
  }
}
