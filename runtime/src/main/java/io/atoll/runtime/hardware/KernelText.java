package io.atoll.runtime.hardware;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Small files and folders of `/proc` and `/sys`, any of which may be missing, hidden by a
/// container or vanish while it is read.
final class KernelText {
  /// `/proc/cpuinfo` of a thousand processors takes two megabytes.
  private static final int MOST = 16 << 20;

  private KernelText() {}

  /// The whole file; empty where it cannot be read.
  static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST), StandardCharsets.UTF_8);
    } catch (IOException | SecurityException e) {
      return "";
    }
  }

  /// Its only word; null where there is none.
  static @Nullable String word(Path file) {
    String text = text(file).strip();
    return text.isEmpty() ? null : text;
  }

  /// A number in it, decimal; null where there is none.
  static @Nullable Long number(Path file) {
    return number(text(file).strip());
  }

  static @Nullable Long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /// What is in a folder, by name; nothing where it cannot be read.
  static List<Path> entries(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(found::add);
    } catch (IOException | DirectoryIteratorException | SecurityException e) {
      return List.of();
    }
    found.sort(null);
    return found;
  }

  /// Where links lead; null where they lead nowhere.
  static @Nullable Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException | SecurityException e) {
      return null;
    }
  }

  /// The last part of where a link leads.
  static @Nullable String linkedName(Path link) {
    Path real = real(link);
    return real == null || real.getFileName() == null ? null : real.getFileName().toString();
  }
}
