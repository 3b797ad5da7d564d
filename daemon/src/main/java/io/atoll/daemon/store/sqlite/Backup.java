package io.atoll.daemon.store.sqlite;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Writes a copy of a store that is in use: everything committed before it began, nothing half.
final class Backup {
  private Backup() {}

  static void write(Path store, Path target) {
    Path file = target.toAbsolutePath();
    if (Files.exists(file)) {
      throw exists(file);
    }
    Path partial =
        file.resolveSibling("." + file.getFileName() + ".partial-" + ProcessHandle.current().pid());
    try {
      Files.deleteIfExists(partial);
      PrivateFiles.create(partial);
      try {
        onPlatformThread(() -> copy(store, partial));
        PrivateFiles.sync(partial);
        install(partial, file);
        PrivateFiles.syncFolder(PrivateFiles.folderOf(file));
      } finally {
        Files.deleteIfExists(partial);
      }
    } catch (FileAlreadyExistsException e) {
      throw exists(file);
    } catch (SQLException e) {
      throw StoreFailure.of("cannot write the backup", file, e);
    } catch (IOException e) {
      throw StoreFailure.of("cannot write the backup", file, e);
    }
  }

  private static void copy(Path store, Path partial) throws SQLException {
    try (Connection connection = Sqlite.plain(store);
        PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      Sqlite.bind(vacuum, partial.toString()).executeUpdate();
    }
  }

  /// Gives the finished copy its name; unlike a rename, a link never replaces a file.
  private static void install(Path partial, Path file) throws IOException {
    try {
      Files.createLink(file, partial);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | IOException _) {
      Files.move(partial, file); // a file system without hard links
    }
  }

  private static StoreException exists(Path file) {
    return new StoreException(
        ErrorCode.CONFLICT,
        "cannot write the backup " + file + ": a file of that name exists",
        "name a new file; a backup never replaces one");
  }

  private interface Work {
    void run() throws SQLException;
  }

  /// The copy is one long native call, which would hold the carrier of a virtual thread.
  private static void onPlatformThread(Work work) throws SQLException {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              work.run();
              return null;
            });
    Thread thread = Thread.ofPlatform().name("store-backup").start(task);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    try {
      var _ = task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw new IllegalStateException("the copy of a store failed", e.getCause());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
