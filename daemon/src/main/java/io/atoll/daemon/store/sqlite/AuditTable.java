package io.atoll.daemon.store.sqlite;

import io.atoll.core.audit.AuditEnd;
import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.ObjLongConsumer;

/// The table of who did what. It has its lines as they are hashed, and no hash beside them: what
/// is not in the lines is not in the record.
final class AuditTable {
  static final String INSERT = "INSERT INTO audit VALUES (?, ?)";
  static final String PAGE = "SELECT line FROM audit WHERE seq > ? ORDER BY seq LIMIT ?";
  private static final String LAST = "SELECT seq, line FROM audit ORDER BY seq DESC LIMIT 1";
  private static final String ALL = "SELECT seq, CAST(line AS BLOB) FROM audit ORDER BY seq";

  private AuditTable() {}

  static AuditEnd end(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(LAST)) {
      return rows.next() ? AuditEnd.at(rows.getLong(1), rows.getBytes(2)) : AuditEnd.NONE;
    }
  }

  /// Reads the record of a data folder, whether a daemon uses it or not. It says nothing of
  /// whether it was changed.
  ///
  /// @param each is given every line, with the number under which it is kept
  /// @throws StoreException NOT_FOUND if there is no store
  static void readAll(Path folder, ObjLongConsumer<byte[]> each) {
    Path file = folder.toAbsolutePath().resolve(Opening.FILE);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) == 0) {
        throw new StoreException(
            ErrorCode.NOT_FOUND,
            "there is no hub's store in " + folder.toAbsolutePath(),
            "name the data folder of a hub with --data-dir, or a file of `atoll audit export`");
      }
      NativeLibrary.unpack(folder);
      try (Connection connection = Sqlite.reader(file)) {
        if (Schema.current().check(connection, file) < 4) {
          return; // written by an Atoll that kept no record
        }
        try (PreparedStatement all = connection.prepareStatement(ALL);
            ResultSet rows = all.executeQuery()) {
          while (rows.next()) {
            each.accept(rows.getBytes(2), rows.getLong(1));
          }
        }
      }
    } catch (SQLException e) {
      throw StoreFailure.of("cannot read the hub's store", file, e);
    } catch (IOException e) {
      throw StoreFailure.of("cannot read the hub's store", file, e);
    }
  }
}
