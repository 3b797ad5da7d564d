package io.atoll.daemon.store.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/// Connections, and the few things that JDBC has no words for.
final class Sqlite {
  /// "ATOL": tells an Atoll store from any other SQLite file.
  static final int APPLICATION_ID = 0x41544f4c;

  /// Pages of the log after which a commit copies them into the file: a burst of commits pays for
  /// that once in 16 MB, not once in 4.
  private static final int CHECKPOINT_PAGES = 4_000;

  private Sqlite() {}

  /// The one connection that writes. Everything it commits is on disk when `COMMIT` returns.
  static Connection writer(Path file) throws SQLException {
    return opened(
        file,
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES,
        "PRAGMA journal_size_limit = 67108864",
        "PRAGMA cache_size = -4096",
        "PRAGMA temp_store = MEMORY");
  }

  static Connection reader(Path file) throws SQLException {
    return opened(file, "PRAGMA query_only = ON", "PRAGMA cache_size = -1024");
  }

  /// A connection that takes the file as it is.
  static Connection plain(Path file) throws SQLException {
    return opened(file, "PRAGMA synchronous = FULL", "PRAGMA cache_size = -1024");
  }

  private static Connection opened(Path file, String... pragmas) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(5_000);
    Properties properties = config.toProperties();
    Connection connection = JDBC.createConnection(JDBC.PREFIX + file.toAbsolutePath(), properties);
    boolean done = false;
    try {
      try (Statement statement = connection.createStatement()) {
        for (String pragma : pragmas) {
          statement.execute(pragma);
        }
      }
      done = true;
      return connection;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      String text = rows.next() ? rows.getString(1) : null;
      return text == null ? "" : text;
    }
  }

  /// Sets the parameters, in order: `String`, `Long`, `Integer` or null.
  static PreparedStatement bind(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }
}
