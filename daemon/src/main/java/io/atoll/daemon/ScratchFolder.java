package io.atoll.daemon;

import io.atoll.core.os.FolderRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A command's own folder, only its user's (0700), and gone with the command. Closing it again
/// changes nothing.
record ScratchFolder(Path path) implements AutoCloseable {
  /// Where the system keeps what is temporary.
  static ScratchFolder make(String prefix) throws IOException {
    return new ScratchFolder(Files.createTempDirectory(prefix));
  }

  static ScratchFolder in(Path parent, String prefix) throws IOException {
    return new ScratchFolder(Files.createTempDirectory(parent, prefix));
  }

  @Override
  public void close() {
    try {
      FolderRemoval.remove(path);
    } catch (IOException e) {
      left();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      left();
    }
  }

  private void left() {
    System.err.println("atoll: could not remove all of " + path);
    System.err.println("  hint: look what still uses it, then: rm -rf " + path);
  }
}
