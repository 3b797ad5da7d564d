package io.atoll.daemon.store.sqlite;

import io.atoll.client.api.EventView;
import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.AuditFact;
import io.atoll.core.audit.AuditLine;
import io.atoll.core.json.Json;
import io.atoll.core.term.NetworkId;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.CommitPoint;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Precondition;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.TaskRow;
import io.atoll.daemon.store.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The writing connection. Its owner lets one thread in at a time.
///
/// A group is one SQLite transaction. All preconditions of a transaction are looked at before its
/// first change, and no change can be refused by the schema, so a conflict has nothing to undo.
final class Writer implements AutoCloseable {
  /// History is cut this many events at a time, so that most commits do not pay for it.
  private static final int TRIM_AT_ONCE = 1_024;

  private final Connection connection;
  private final StoreOptions options;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  /// As on disk, between groups; ahead of the disk within one.
  private Meta meta;

  private long events;

  /// Of the record of who did what, like `meta`.
  private AuditEnd audited;

  /// Answers that this group remembers.
  private int remembered;

  /// The last group could not be written.
  private boolean failed;

  Writer(Connection connection, StoreOptions options) throws SQLException {
    this.connection = connection;
    this.options = options;
    this.meta = Meta.read(connection);
    this.audited = AuditTable.end(connection);
    this.events = Sqlite.number(connection, "SELECT count(*) FROM event");
  }

  List<Outcome> commit(List<Transaction> group) throws SQLException {
    Meta metaBefore = meta;
    long eventsBefore = events;
    AuditEnd auditedBefore = audited;
    boolean done = false;
    try {
      options.at().accept(CommitPoint.BEFORE);
      run("BEGIN IMMEDIATE");
      List<Outcome> outcomes = new ArrayList<>(group.size());
      for (Transaction transaction : group) {
        outcomes.add(write(transaction));
      }
      trimEvents();
      dropExpired();
      if (!meta.equals(metaBefore)) {
        meta.write(prepared(Meta.UPDATE));
      }
      options.at().accept(CommitPoint.WRITTEN);
      run("COMMIT");
      done = true;
      options.at().accept(CommitPoint.DURABLE);
      if (failed) {
        failed = false;
        checkpoint();
      }
      return outcomes;
    } finally {
      remembered = 0;
      if (!done) {
        failed = true;
        meta = metaBefore;
        events = eventsBefore;
        audited = auditedBefore;
        rollback();
      }
    }
  }

  /// Copies the log into the file, so that the next commits write over the log's blocks and take
  /// none from a disk that was full a moment ago.
  private void checkpoint() {
    try {
      Sqlite.text(connection, "PRAGMA wal_checkpoint(PASSIVE)");
    } catch (SQLException _) {
      // It is done again when the log is long enough.
    }
  }

  /// The driver finalizes a statement that failed, so all are prepared anew for the next group.
  private void rollback() {
    for (PreparedStatement statement : statements.values()) {
      try {
        statement.close();
      } catch (SQLException _) {
        // It repeats the failure that brought us here.
      }
    }
    statements.clear();
    try {
      run("ROLLBACK");
    } catch (SQLException _) {
      // SQLite has rolled back by itself after a full disk or an I/O error, or never began.
    }
  }

  private Outcome write(Transaction transaction) throws SQLException {
    for (Precondition precondition : transaction.preconditions()) {
      if (!holds(precondition)) {
        return new Outcome.Conflict(precondition);
      }
    }
    for (Change change : transaction.changes()) {
      write(change);
    }
    return new Outcome.Applied(meta.lastSeq());
  }

  private boolean holds(Precondition precondition) throws SQLException {
    return switch (precondition) {
      case Precondition.TaskIs is ->
          exists(
              "SELECT 1 FROM task WHERE id = ? AND epoch = ? AND state = ?",
              is.id().text(),
              is.epoch().toString(),
              is.state().name());
      case Precondition.TaskAbsent absent ->
          !exists("SELECT 1 FROM task WHERE id = ?", absent.id().text());
      case Precondition.GenerationIs is -> meta.highest().generation() == is.generation();
      case Precondition.InviteOpen invite ->
          exists("SELECT 1 FROM invite WHERE id = ? AND open = 1", invite.id());
    };
  }

  private void write(Change change) throws SQLException {
    switch (change) {
      case Change.PutTask put -> putTask(put.task());
      case Change.DeleteTask delete -> deleteTask(delete.task());
      case Change.PutRun put -> putRun(put.run());
      case Change.PutNode put ->
          run(
              "INSERT INTO node VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
              put.node().id().text(),
              Json.write(put.node()));
      case Change.DeleteNode delete -> run("DELETE FROM node WHERE id = ?", delete.node().text());
      case Change.PutKey put ->
          run(
              "INSERT INTO app_key VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
              put.key().id(),
              Json.write(put.key()));
      case Change.PutInvite put -> putInvite(put.invite());
      case Change.PutNetwork put ->
          run(
              "INSERT INTO network VALUES (?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
              put.network().id().text(),
              Json.write(put.network()));
      case Change.DeleteNetwork delete -> deleteNetwork(delete.network());
      case Change.PutSeat put ->
          run(
              "INSERT INTO seat VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
              put.seat().network().text(),
              put.seat().holder(),
              Json.write(put.seat()));
      case Change.DeleteSeat delete ->
          run(
              "DELETE FROM seat WHERE network = ? AND holder = ?",
              delete.network().text(),
              delete.holder());
      case Change.PutNodeKey put ->
          run(
              "INSERT INTO node_key VALUES (?, ?, ?)"
                  + " ON CONFLICT DO UPDATE SET body = excluded.body",
              put.key().network().text(),
              put.key().node().text(),
              Json.write(put.key()));
      case Change.DeleteNodeKey delete ->
          run(
              "DELETE FROM node_key WHERE network = ? AND node = ?",
              delete.network().text(),
              delete.node().text());
      case Change.PutNote put ->
          run(
              "INSERT INTO note VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
              put.note().space(),
              put.note().id(),
              put.note().body());
      case Change.DeleteNote delete ->
          run("DELETE FROM note WHERE space = ? AND id = ?", delete.space(), delete.id());
      case Change.PutIdempotency put -> {
        remembered++;
        run(
            "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)",
            put.keyId(),
            put.idempotencyKey(),
            put.bodyHash(),
            put.task().text(),
            put.expires().toEpochMilli());
      }
      case Change.PutForget put ->
          run("INSERT OR IGNORE INTO forget VALUES (?, ?)", put.node().text(), put.task().text());
      case Change.Forgotten forgotten ->
          run(
              "DELETE FROM forget WHERE node = ? AND task = ?",
              forgotten.node().text(),
              forgotten.task().text());
      case Change.PutEpoch put -> meta = meta.withHighest(put.epoch());
      case Change.PutRestored put -> meta = meta.withRestored(put.restored());
      case Change.Audit audit -> audit(audit.fact());
      case Change.Append append -> append(append.event());
    }
  }

  private void putTask(TaskRow task) throws SQLException {
    run(
        "INSERT INTO task (id, name, state, epoch, ended, body) VALUES (?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state,"
            + " epoch = excluded.epoch, ended = excluded.ended, body = excluded.body",
        task.id().text(),
        task.spec().name(),
        task.state().name(),
        task.epoch().toString(),
        task.state().ended() ? 1 : 0,
        Json.write(task));
  }

  private void deleteTask(TaskId task) throws SQLException {
    run("DELETE FROM task WHERE id = ?", task.text());
    run("DELETE FROM run WHERE task = ?", task.text());
    events -= run("DELETE FROM event WHERE task = ?", task.text());
  }

  private void deleteNetwork(NetworkId network) throws SQLException {
    run("DELETE FROM network WHERE id = ?", network.text());
    run("DELETE FROM seat WHERE network = ?", network.text());
    run("DELETE FROM node_key WHERE network = ?", network.text());
  }

  private void putRun(RunRow row) throws SQLException {
    run(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?)"
            + " ON CONFLICT DO UPDATE SET ended = excluded.ended, body = excluded.body",
        row.id().task().text(),
        row.id().epoch().generation(),
        row.id().epoch().counter(),
        row.ended() ? 1 : 0,
        Json.write(row));
  }

  private void putInvite(InviteRow invite) throws SQLException {
    run(
        "INSERT INTO invite VALUES (?, ?, ?)"
            + " ON CONFLICT DO UPDATE SET open = excluded.open, body = excluded.body",
        invite.id(),
        invite.usedBy() == null && invite.revokedAt() == null ? 1 : 0,
        Json.write(invite));
  }

  private void audit(AuditFact fact) throws SQLException {
    AuditLine line = AuditLine.after(audited, fact);
    String text = line.text();
    run(AuditTable.INSERT, line.seq(), text);
    audited = AuditEnd.at(line.seq(), text);
  }

  private void append(EventView event) throws SQLException {
    long seq = meta.lastSeq() + 1;
    TaskId task = event.task();
    run(
        "INSERT INTO event VALUES (?, ?, ?)",
        seq,
        task == null ? null : task.text(),
        Json.write(event));
    meta = meta.withLastSeq(seq);
    events++;
  }

  private void trimEvents() throws SQLException {
    long surplus = events - options.eventBound();
    if (surplus < Math.min(TRIM_AT_ONCE, options.eventBound())) {
      return;
    }
    try (ResultSet rows =
        Sqlite.bind(prepared("SELECT seq FROM event ORDER BY seq LIMIT 1 OFFSET ?"), surplus - 1)
            .executeQuery()) {
      if (rows.next()) {
        meta = meta.withTrimmed(rows.getLong(1));
      }
    }
    events -= run("DELETE FROM event WHERE seq <= ?", meta.trimmed());
  }

  /// Each remembered answer takes away up to two that expired, so the table shrinks to what is good
  /// without a timer and without a commit that pays for thousands.
  private void dropExpired() throws SQLException {
    if (remembered > 0) {
      run(
          "DELETE FROM idempotency WHERE (key_id, idempotency_key) IN (SELECT key_id,"
              + " idempotency_key FROM idempotency WHERE expires <= ? LIMIT ?)",
          options.clock().millis(),
          2 * remembered);
    }
  }

  private boolean exists(String sql, Object... values) throws SQLException {
    try (ResultSet rows = Sqlite.bind(prepared(sql), values).executeQuery()) {
      return rows.next();
    }
  }

  private int run(String sql, @Nullable Object... values) throws SQLException {
    return Sqlite.bind(prepared(sql), values).executeUpdate();
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
