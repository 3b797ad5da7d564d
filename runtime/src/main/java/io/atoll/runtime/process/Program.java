package io.atoll.runtime.process;

import java.nio.file.Path;

/// A program that came with a task's image: files that the sandbox shows at `/app`, read-only.
///
/// @param folder that everybody may read and nobody but the daemon's user could write
/// @param entry of the program, relative to the folder
public record Program(Path folder, String entry) {
  static final String PLACE = "/app";

  /// The program's path in the sandbox.
  String path() {
    return PLACE + "/" + entry;
  }
}
