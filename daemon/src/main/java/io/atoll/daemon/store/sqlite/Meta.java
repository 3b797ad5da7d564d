package io.atoll.daemon.store.sqlite;

import io.atoll.core.term.Epoch;
import io.atoll.daemon.store.StoreMeta;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The one row of `meta`.
///
/// @param trimmed highest seq removed to keep the history within its bound
record Meta(Epoch highest, boolean restored, long lastSeq, long trimmed) {
  static final String SELECT =
      "SELECT generation, counter, restored, last_seq, trimmed FROM meta WHERE id = 1";
  static final String UPDATE =
      "UPDATE meta SET generation = ?, counter = ?, restored = ?, last_seq = ?, trimmed = ?"
          + " WHERE id = 1";

  static Meta read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SELECT)) {
      return of(rows);
    }
  }

  static Meta of(ResultSet rows) throws SQLException {
    if (!rows.next()) {
      throw new SQLException("the row of meta is missing");
    }
    try {
      return new Meta(
          new Epoch(rows.getInt(1), rows.getLong(2)),
          rows.getBoolean(3),
          rows.getLong(4),
          rows.getLong(5));
    } catch (IllegalArgumentException e) {
      throw new SQLException("the row of meta makes no sense", e);
    }
  }

  void write(PreparedStatement update) throws SQLException {
    Sqlite.bind(update, highest.generation(), highest.counter(), restored ? 1 : 0, lastSeq, trimmed)
        .executeUpdate();
  }

  StoreMeta view() {
    return new StoreMeta(highest, restored, lastSeq);
  }

  Meta withHighest(Epoch epoch) {
    return epoch.compareTo(highest) > 0 ? new Meta(epoch, restored, lastSeq, trimmed) : this;
  }

  Meta withRestored(boolean now) {
    return new Meta(highest, now, lastSeq, trimmed);
  }

  Meta withLastSeq(long seq) {
    return new Meta(highest, restored, seq, trimmed);
  }

  Meta withTrimmed(long seq) {
    return new Meta(highest, restored, lastSeq, seq);
  }
}
