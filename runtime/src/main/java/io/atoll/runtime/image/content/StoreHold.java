package io.atoll.runtime.image.content;

import java.io.IOException;
import java.io.UncheckedIOException;

/// While it is open, nobody removes anything from the store (or, held alone, nobody adds).
public final class StoreHold implements AutoCloseable {
  private final FileGuard.Held held;

  StoreHold(FileGuard.Held held) {
    this.held = held;
  }

  @Override
  public void close() {
    try {
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
