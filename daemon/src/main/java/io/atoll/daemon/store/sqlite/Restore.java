package io.atoll.daemon.store.sqlite;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.daemon.store.FolderLock;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// Puts a backup in the place of a store. Steps, each harmless if it is the last one:
///
/// 1. copy the backup to `hub.db.restoring`, check it, bring it to the newest format;
/// 2. give it a generation above every store of this folder, and mark it as restored;
/// 3. fold the old store's log into it and give it a second name, `hub.db.before-restore-<time>`;
/// 4. rename the copy over `hub.db`.
final class Restore {
  private static final String COPY = Opening.FILE + ".restoring";
  private static final String KEPT = Opening.FILE + ".before-restore-";

  /// Followers of events may hold cursors of the time after the backup, which this file does not
  /// know. New events start this far above, so that such a cursor does not silently skip some.
  private static final long SEQ_GAP = 1_000_000;

  /// SQLite throws away the log of a file that has not even one page.
  private static final long LEAST = 512;

  private Restore() {}

  static Restored run(Path backup, Path folder, Schema schema) {
    checkBackup(backup);
    Path file = folder.toAbsolutePath().resolve(Opening.FILE);
    try (FolderLock _ = Opening.lock(folder)) {
      Path copy = file.resolveSibling(COPY);
      try {
        copy(backup, copy);
        Known known = known(file);
        Epoch highest = prepare(copy, backup, schema, known);
        PrivateFiles.sync(copy);
        Path kept = keep(file);
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        PrivateFiles.syncFolder(PrivateFiles.folderOf(file));
        return new Restored(file, kept, highest);
      } catch (IOException e) {
        throw StoreFailure.of("cannot restore into", file, e);
      } finally {
        remove(copy);
      }
    }
  }

  private static void checkBackup(Path backup) {
    Path log = backup.resolveSibling(backup.getFileName() + "-wal");
    if (!Files.isRegularFile(backup)) {
      throw new StoreException(
          ErrorCode.NOT_FOUND,
          "cannot restore " + backup.toAbsolutePath() + ": there is no such file",
          "name a file that `atoll backup` made");
    }
    try {
      if (Files.exists(log) && Files.size(log) > 0) {
        throw new StoreException(
            ErrorCode.BAD_REQUEST,
            "cannot restore "
                + backup.toAbsolutePath()
                + ": it is a store in use or left by a crash,"
                + " with part of its data in "
                + log.getFileName(),
            "start a hub on that folder and make a copy with `atoll backup FILE`");
      }
    } catch (IOException e) {
      throw StoreFailure.of("cannot read the backup", backup.toAbsolutePath(), e);
    }
  }

  private static void copy(Path backup, Path copy) throws IOException {
    remove(copy);
    PrivateFiles.create(copy);
    try (InputStream in = Files.newInputStream(backup);
        OutputStream out = Files.newOutputStream(copy)) {
      in.transferTo(out);
    }
  }

  /// What the folder's stores gave out, so that nothing is given out twice.
  ///
  /// @param generation 0 if none could be read
  private record Known(int generation, long lastSeq) {
    Known with(Known other) {
      return new Known(Math.max(generation, other.generation), Math.max(lastSeq, other.lastSeq));
    }
  }

  /// Reads the store in place and those that earlier restores replaced: restoring one backup twice
  /// must not give out one generation twice.
  private static Known known(Path file) throws IOException {
    Known known = read(file);
    try (DirectoryStream<Path> earlier =
        Files.newDirectoryStream(PrivateFiles.folderOf(file), KEPT + "*Z")) {
      for (Path path : earlier) {
        known = known.with(read(path));
      }
    }
    return known;
  }

  private static Known read(Path store) throws IOException {
    if (!Files.exists(store) || Files.size(store) < LEAST) {
      return new Known(0, 0);
    }
    try (Connection connection = Sqlite.plain(store)) {
      return new Known(
          (int) Sqlite.number(connection, "SELECT generation FROM meta"),
          Sqlite.number(connection, "SELECT last_seq FROM meta"));
    } catch (SQLException _) {
      return new Known(0, 0); // damaged: often the very reason for the restore
    }
  }

  private static Epoch prepare(Path copy, Path backup, Schema schema, Known known) {
    try (Connection connection = Sqlite.plain(copy)) {
      // A raw copy of a store's file is in WAL mode; what is installed must be one file.
      Sqlite.text(connection, "PRAGMA journal_mode = DELETE");
      int version = schema.check(connection, backup);
      if (version == 0) {
        throw new StoreException(
            ErrorCode.BAD_REQUEST,
            "cannot restore " + backup + ": it is empty",
            "name a file that `atoll backup` made");
      }
      String fault = Sqlite.text(connection, "PRAGMA integrity_check(1)");
      if (!fault.equals("ok")) {
        throw damaged(backup, fault, null);
      }
      schema.migrate(connection, version);
      Meta meta = Meta.read(connection);
      Epoch highest = new Epoch(Math.max(meta.highest().generation(), known.generation()) + 1, 0);
      Meta restored =
          new Meta(
              highest, true, Math.max(meta.lastSeq(), known.lastSeq()) + SEQ_GAP, meta.trimmed());
      try (PreparedStatement update = connection.prepareStatement(Meta.UPDATE)) {
        restored.write(update);
      }
      return highest;
    } catch (SQLException e) {
      StoreException failure = StoreFailure.of("cannot restore", backup, e);
      throw failure.code() == ErrorCode.DISK_FULL
          ? failure
          : damaged(backup, "SQLite cannot make sense of it", e);
    }
  }

  private static StoreException damaged(Path backup, String how, @Nullable Exception cause) {
    return new StoreException(
        ErrorCode.BAD_REQUEST,
        "cannot restore " + backup + ": the file is damaged or no Atoll store: " + how,
        "try another backup; the store in place was not touched",
        cause);
  }

  /// Gives the store in place its second name, with everything that its log holds.
  private static @Nullable Path keep(Path file) throws IOException {
    Path log = file.resolveSibling(file.getFileName() + "-wal");
    Path shared = file.resolveSibling(file.getFileName() + "-shm");
    if (!Files.exists(file)) {
      // A log without its file belongs to nothing, and SQLite would apply it to the restored one.
      Files.deleteIfExists(log);
      Files.deleteIfExists(shared);
      return null;
    }
    if (Files.size(file) >= LEAST) {
      try (Connection connection = Sqlite.plain(file)) {
        Sqlite.text(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
      } catch (SQLException _) {
        // Damaged: its log is kept beside it, for whoever wants to save something from it.
      }
    }
    Path kept = file.resolveSibling(KEPT + Opening.stamp());
    try {
      Files.createLink(kept, file);
    } catch (UnsupportedOperationException | IOException _) {
      Files.copy(file, kept);
    }
    if (Files.exists(log)) {
      Files.move(log, kept.resolveSibling(kept.getFileName() + "-wal"));
    }
    Files.deleteIfExists(shared);
    return kept;
  }

  private static void remove(Path copy) {
    for (String suffix : new String[] {"", "-journal", "-wal", "-shm"}) {
      try {
        Files.deleteIfExists(copy.resolveSibling(copy.getFileName() + suffix));
      } catch (IOException _) {
        // The next restore tries again.
      }
    }
  }
}
