package io.atoll.runtime.microvm;

import io.atoll.core.os.SealedMemory;
import java.io.IOException;
import java.nio.file.Path;

/// A guest that was booted to its agent and stopped there. It never ran a payload and never had an
/// image, a key or a network; the cards that it may have were never up. Its memory is held once,
/// read-only for everybody, however many guests are copies of it.
final class Template implements AutoCloseable {
  private final Path folder;
  private final SealedMemory memory;

  private Template(Path folder, SealedMemory memory) {
    this.folder = folder;
    this.memory = memory;
  }

  /// @param folder with `mem` and `state`
  static Template load(Path folder) throws IOException {
    return new Template(folder, SealedMemory.copyOf(folder.resolve("mem")));
  }

  /// The guest's memory, to be mapped copy-on-write.
  Path memory() {
    return memory.path();
  }

  /// Everything else of the machine, as QEMU's migration stream.
  Path state() {
    return folder.resolve("state");
  }

  @Override
  public void close() {
    memory.close();
  }
}
