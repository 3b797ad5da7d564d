package io.atoll.runtime.image;

/// Hears how work on an image goes. Any thread, one at a time.
@FunctionalInterface
public interface ImageProgress {
  ImageProgress SILENT = (_, _, _) -> {};

  /// @param phase what is being done: `pull`, `import` or `convert`
  /// @param done bytes so far
  /// @param total bytes in the end; 0 if that is not known
  void at(String phase, long done, long total);
}
