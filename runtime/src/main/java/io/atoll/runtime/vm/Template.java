package io.atoll.runtime.vm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/// A machine that has booted and stands still, without key, card, payload or identity: its disk's
/// layer over the image, and its state as QEMU saves it.
record Template(Path folder) {
  Path disk() {
    return folder.resolve(VmFolder.TEMPLATE_DISK);
  }

  Path state() {
    return folder.resolve("state");
  }

  /// When a daemon last began to clone it; the folder's own time keeps that.
  Instant lastUsed() throws IOException {
    return Files.getLastModifiedTime(folder).toInstant();
  }

  /// Notes that it is used from now on.
  void use() {
    try {
      Files.setLastModifiedTime(folder, FileTime.from(Instant.now()));
    } catch (IOException e) {
      throw new UncheckedIOException("template " + folder + " cannot be used", e);
    }
  }
}
