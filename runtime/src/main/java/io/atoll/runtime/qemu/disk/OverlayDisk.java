package io.atoll.runtime.qemu.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The writable layer of one machine over an image that never changes.
public final class OverlayDisk {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private OverlayDisk() {}

  /// Makes an empty layer. The image is named relative to the layer, so that both may move
  /// together, and is not opened: `qemu-img` runs as the daemon and must not read foreign bytes.
  ///
  /// @param qemuImg the program
  /// @param layer to be made, beside the image
  /// @param image name of the image in the layer's folder
  /// @param size bytes of the disk that the guest sees; at least the image's
  public static void make(Path qemuImg, Path layer, String image, long size)
      throws IOException, InterruptedException {
    if (image.isEmpty() || image.contains("/") || image.contains(":")) {
      throw new IllegalArgumentException("not a file beside the layer: '" + image + "'");
    }
    Path said = Files.createTempFile("qemu-img", ".txt");
    try {
      Process process =
          new ProcessBuilder(
                  List.of(
                      qemuImg.toString(),
                      "create",
                      "-q",
                      "-u",
                      "-f",
                      "qcow2",
                      "-F",
                      "qcow2",
                      "-b",
                      image,
                      layer.toString(),
                      String.valueOf(size)))
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly();
        Files.deleteIfExists(layer);
        throw new IOException(
            "qemu-img could not make a layer of "
                + size
                + " bytes at "
                + layer
                + ": "
                + (ended ? Files.readString(said).strip() : "it did not end"));
      }
    } finally {
      Files.deleteIfExists(said);
    }
  }
}
