package io.atoll.daemon.store.sqlite;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.FolderLock;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Opens a folder's store: lock, file, checks, copy, migration, connections.
final class Opening {
  static final String FILE = "hub.db";
  static final String LOCK = "hub.lock";
  static final String WHAT = "the hub's store";

  /// A larger file is not read through at each start: its damage shows when it is met.
  private static final long CHECKED_WHOLE = 32L << 20;

  /// SQLite maps the store's shared memory. Where its blocks cannot be had, the process dies at
  /// the first access (SIGBUS) instead of hearing of it.
  private static final long ROOM = 1L << 20;

  private Opening() {}

  static SqliteStore open(Path folder, Schema schema, StoreOptions options) {
    Path file = folder.toAbsolutePath().resolve(FILE);
    FolderLock lock = lock(folder);
    boolean done = false;
    try {
      if (PrivateFiles.room(file) < ROOM) {
        throw StoreFailure.noRoom("cannot open the hub's store", file);
      }
      PrivateFiles.createIfAbsent(file);
      try (Connection untouched = Sqlite.plain(file)) {
        schema.check(untouched, file);
      }
      Connection connection = Sqlite.writer(file);
      try {
        prepare(connection, file, schema);
        Writer writer = new Writer(connection, options);
        PrivateFiles.syncFolder(PrivateFiles.folderOf(file));
        done = true;
        return new SqliteStore(file, lock, writer, new Readers(file, options.clock()));
      } finally {
        if (!done) {
          connection.close();
        }
      }
    } catch (SQLException e) {
      throw StoreFailure.of("cannot open the hub's store", file, e);
    } catch (IOException e) {
      throw StoreFailure.of("cannot open the hub's store", file, e);
    } finally {
      if (!done) {
        lock.close();
      }
    }
  }

  static FolderLock lock(Path folder) {
    try {
      PrivateFiles.createFolder(folder);
    } catch (IOException e) {
      throw StoreFailure.of("cannot make the folder", folder.toAbsolutePath(), e);
    }
    FolderLock lock = FolderLock.take(folder.resolve(LOCK), WHAT);
    NativeLibrary.unpack(folder);
    return lock;
  }

  private static void prepare(Connection connection, Path file, Schema schema)
      throws SQLException, IOException {
    int version = schema.check(connection, file);
    String mode = Sqlite.text(connection, "PRAGMA journal_mode");
    if (!mode.equals("wal")) {
      throw new StoreException(
          ErrorCode.INTERNAL,
          "cannot open the hub's store " + file + ": its file system has no shared memory",
          "keep the data folder on a local disk, not on a network share");
    }
    if (version > 0 && Files.size(file) <= CHECKED_WHOLE) {
      String fault = Sqlite.text(connection, "PRAGMA quick_check(1)");
      if (!fault.equals("ok")) {
        throw StoreFailure.damaged(file, fault, null);
      }
    }
    if (version > 0 && version < schema.version()) {
      Backup.write(file, file.resolveSibling(FILE + ".v" + version + "-" + stamp()));
    }
    try {
      schema.migrate(connection, version);
    } catch (SQLException e) {
      StoreException failure = StoreFailure.of("cannot bring to its new format the store", file, e);
      throw new StoreException(
          failure.code(),
          failure.text() + " (format " + version + " to " + schema.version() + ")",
          "nothing was changed: the former Atoll can go on with it. " + failure.hint(),
          e);
    }
  }

  /// The moment, for a file's name: `20260131T120000.123Z`.
  static String stamp() {
    return DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSSX")
        .withZone(ZoneOffset.UTC)
        .format(Instant.now());
  }
}
