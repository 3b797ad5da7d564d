package io.atoll.runtime.image.registry;

import io.atoll.runtime.image.content.Digest;

/// Hears how a transfer goes, from the thread that transfers.
@FunctionalInterface
public interface TransferProgress {
  TransferProgress SILENT = (_, _, _) -> {};

  /// @param done bytes that are here
  /// @param total bytes that there will be
  void at(Digest blob, long done, long total);
}
