package io.atoll.daemon.store.sqlite;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.NativeLibraryNotFoundException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// What people are told when SQLite or the file system says no.
final class StoreFailure {
  private static final int PRIMARY = 0xff;

  private StoreFailure() {}

  /// @param what was tried: "cannot write to the hub's store"
  static StoreException of(String what, Path file, SQLException cause) {
    String tried = what + " " + file;
    int code =
        cause instanceof SQLiteException sqlite
            ? sqlite.getResultCode().code & PRIMARY
            : SQLiteErrorCode.SQLITE_ERROR.code;
    // Where it grows its shared memory, SQLite reports a full disk as a plain I/O error.
    if (cause.getCause() instanceof NativeLibraryNotFoundException) {
      return new StoreException(
          ErrorCode.INTERNAL,
          tried + ": SQLite's native library cannot be loaded",
          "the data folder and /tmp both forbid execution or are full, or there is no SQLite for this"
              + " machine; -Dorg.sqlite.tmpdir=FOLDER names another place to unpack it",
          cause);
    }
    if (code == SQLiteErrorCode.SQLITE_FULL.code
        || (code == SQLiteErrorCode.SQLITE_IOERR.code && PrivateFiles.diskFull(file))) {
      return diskFull(tried, file, cause);
    }
    if (code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code) {
      return damaged(file, "SQLite cannot make sense of it", cause);
    }
    if (code == SQLiteErrorCode.SQLITE_READONLY.code
        || code == SQLiteErrorCode.SQLITE_PERM.code
        || code == SQLiteErrorCode.SQLITE_CANTOPEN.code) {
      return new StoreException(
          ErrorCode.INTERNAL,
          tried + ": the file or its folder cannot be written",
          "check that both belong to the daemon's user and that the file system is not read-only",
          cause);
    }
    if (code == SQLiteErrorCode.SQLITE_BUSY.code || code == SQLiteErrorCode.SQLITE_LOCKED.code) {
      return new StoreException(
          ErrorCode.INTERNAL,
          tried + ": another program holds it",
          "end what has it open (a database browser, a copy job); only the daemon may use it",
          cause);
    }
    return new StoreException(
        ErrorCode.INTERNAL,
        tried + ": the disk or SQLite reports an error",
        "look for disk errors in the system's log; if the file is damaged, `atoll restore FILE`"
            + " puts a backup in its place",
        cause);
  }

  static StoreException of(String what, Path file, IOException cause) {
    return PrivateFiles.diskFull(file, cause)
        ? diskFull(what + " " + file, file, cause)
        : new StoreException(
            ErrorCode.INTERNAL,
            what + " " + file + ": " + PrivateFiles.reason(cause),
            "check that the folder exists, belongs to the daemon's user and is writable",
            cause);
  }

  static StoreException damaged(Path file, String how, @Nullable Exception cause) {
    return new StoreException(
        ErrorCode.INTERNAL,
        "the hub's store " + file + " is damaged: " + how,
        "put a backup in its place with `atoll restore FILE`; the damaged file is kept beside it",
        cause);
  }

  static StoreException noRoom(String what, Path file) {
    return diskFull(what + " " + file, file, null);
  }

  private static StoreException diskFull(String tried, Path file, @Nullable Exception cause) {
    return new StoreException(
        ErrorCode.DISK_FULL,
        tried + ": no space left on the disk",
        "free space in "
            + PrivateFiles.folderOf(file)
            + "; the daemon goes on by itself once there is room",
        cause);
  }
}
