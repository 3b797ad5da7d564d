package io.atoll.runtime.image;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.tar.TarEntry;
import io.atoll.core.tar.TarException;
import io.atoll.core.tar.TarReader;
import io.atoll.runtime.image.layer.Bounds;
import io.atoll.runtime.image.layer.LayerException;
import io.atoll.runtime.image.layer.LayerStack;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a tar is, told by the names at its top.
///
/// @param shape how it is to be read
record TarContents(Shape shape) {
  private static final Set<String> OF_A_ROOT = Set.of("bin", "usr", "etc", "lib", "sbin");

  enum Shape {
    OCI_LAYOUT,
    DOCKER_SAVE,
    ROOT,
    ARCHIVE
  }

  /// Takes one member after the other.
  @FunctionalInterface
  interface Visitor {
    void take(String name, TarEntry entry, TarReader bytes)
        throws IOException, InterruptedException;
  }

  static TarContents of(Path file, Bounds bounds) throws IOException, InterruptedException {
    Set<String> top = new HashSet<>();
    each(
        file,
        bounds,
        (name, entry, _) -> {
          int slash = name.indexOf('/');
          String first = slash < 0 ? name : name.substring(0, slash);
          if (slash < 0 || OF_A_ROOT.contains(first)) {
            top.add(first);
          }
        });
    if (top.containsAll(List.of("oci-layout", "index.json"))) {
      return new TarContents(Shape.OCI_LAYOUT);
    }
    if (top.contains("manifest.json")) {
      return new TarContents(Shape.DOCKER_SAVE);
    }
    return new TarContents(top.stream().anyMatch(OF_A_ROOT::contains) ? Shape.ROOT : Shape.ARCHIVE);
  }

  /// Every member, by its name without `./` before it.
  static void each(Path file, Bounds bounds, Visitor visitor)
      throws IOException, InterruptedException {
    int entries = 0;
    try (InputStream in = LayerStack.unpacked(Files.newInputStream(file), bounds)) {
      TarReader tar = new TarReader(in);
      for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
        if (++entries > bounds.entries()) {
          throw new LayerException("it has more than " + bounds.entries() + " members");
        }
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        visitor.take(entry.name().replaceFirst("^(\\./)+", ""), entry, tar);
      }
    } catch (TarException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cannot import " + file + ": " + e.getMessage(),
          "it must be a tar (plain, gzip or zstd), a squashfs, a qcow2, a program, or an OCI layout",
          e);
    }
  }
}
