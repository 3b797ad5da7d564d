package io.atoll.daemon.store.sqlite;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/// The tables of a store, as the scripts that make them: script n leads from version n − 1 to n.
record Schema(List<String> scripts) {
  private static final List<String> NAMES =
      List.of("0001-first.sql", "0002-networks.sql", "0003-notes.sql", "0004-audit.sql");

  Schema {
    scripts = List.copyOf(scripts);
  }

  static Schema current() {
    return new Schema(NAMES.stream().map(Schema::script).toList());
  }

  private static String script(String name) {
    try (InputStream in = Schema.class.getResourceAsStream("/db/hub/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks its own file db/hub/" + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int version() {
    return scripts.size();
  }

  /// The version of a store; 0 for a file that is still empty.
  ///
  /// @throws StoreException if it is no Atoll store, or one that a newer Atoll wrote
  int check(Connection connection, Path file) throws SQLException {
    long application = Sqlite.number(connection, "PRAGMA application_id");
    int version = (int) Sqlite.number(connection, "PRAGMA user_version");
    boolean empty = Sqlite.number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
    if (application == 0 && version == 0 && empty) {
      return 0;
    }
    if (application != Sqlite.APPLICATION_ID || version < 1) {
      throw new StoreException(
          ErrorCode.BAD_REQUEST,
          file + " is an SQLite file, but not the store of an Atoll hub",
          "name a file that `atoll backup` made, or move this one out of the way");
    }
    if (version > version()) {
      throw new StoreException(
          ErrorCode.VERSION_MISMATCH,
          file
              + " was written by a newer Atoll: its format is "
              + version
              + ", this program knows up to "
              + version(),
          "run that newer Atoll again, or `atoll restore` a backup made before the upgrade (such as"
              + " the hub.db.v… file that the upgrade left in the folder)");
    }
    return version;
  }

  /// Brings the file to the newest version, all or nothing. The caller has made a copy.
  void migrate(Connection connection, int from) throws SQLException {
    if (from == version()) {
      return;
    }
    Sqlite.execute(connection, "BEGIN IMMEDIATE");
    boolean done = false;
    try {
      for (String script : scripts.subList(from, version())) {
        Sqlite.execute(connection, script);
      }
      Sqlite.execute(connection, "PRAGMA application_id = " + Sqlite.APPLICATION_ID);
      Sqlite.execute(connection, "PRAGMA user_version = " + version());
      Sqlite.execute(connection, "COMMIT");
      done = true;
    } finally {
      if (!done) {
        rollback(connection);
      }
    }
  }

  private static void rollback(Connection connection) {
    try {
      Sqlite.execute(connection, "ROLLBACK");
    } catch (SQLException _) {
      // SQLite has rolled back by itself after a full disk or an I/O error.
    }
  }
}
