package io.atoll.daemon;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.FolderLock;
import io.atoll.daemon.store.PrivateFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

/// A daemon's folder, which one daemon at a time may use, whatever its roles.
final class DataFolder {
  private static final String LOCK = "daemon.lock";

  private DataFolder() {}

  /// Makes the folder if need be, and takes it.
  ///
  /// @throws AtollException CONFLICT with the pid of the daemon that has it; DENIED if it cannot be
  ///     made
  static FolderLock take(Path folder) {
    try {
      PrivateFiles.createFolder(folder);
    } catch (FileAlreadyExistsException e) {
      throw new AtollException(
          ErrorCode.CONFLICT,
          "cannot use " + folder + " as data folder: it is no folder",
          "choose another with --data-dir",
          e);
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.DENIED,
          "cannot make the data folder " + folder + ": " + PrivateFiles.reason(e),
          "choose another with --data-dir, or make it and give it to this user",
          e);
    }
    return FolderLock.take(lock(folder), "the daemon's state");
  }

  static Path lock(Path folder) {
    return folder.resolve(LOCK);
  }
}
