package io.atoll.runtime.microvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What guests boot, as `tools/guest.sh` makes it.
///
/// @param release names the content of both: other content, other release
public record GuestFiles(Path kernel, Path initramfs, String release) {
  /// @throws IOException if the folder has not all of it
  public static GuestFiles in(Path folder) throws IOException {
    Path kernel = folder.resolve("vmlinux");
    Path initramfs = folder.resolve("initramfs");
    if (!Files.isReadable(kernel) || !Files.isReadable(initramfs)) {
      throw new IOException(
          "no kernel for guests in " + folder + "; in a checkout, tools/guest.sh makes it");
    }
    return new GuestFiles(
        kernel.toAbsolutePath(),
        initramfs.toAbsolutePath(),
        Files.readString(folder.resolve("release")));
  }
}
