package io.atoll.runtime.process;

import java.nio.file.Path;

/// A file that a run gets open for reading, whether its user could open it or not.
///
/// @param descriptor its number in the run, 10 to 99
/// @param file opened by the supervisor before it becomes the run's user
public record HandedFile(int descriptor, Path file) {
  public HandedFile {
    if (descriptor < 10 || descriptor > 99) {
      throw new IllegalArgumentException("the number of a handed file is 10 to 99");
    }
  }
}
