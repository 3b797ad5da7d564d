package io.atoll.daemon.store.sqlite;

import io.atoll.client.api.EventView;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.TaskId;
import io.atoll.daemon.store.InviteRow;
import io.atoll.daemon.store.KeyRow;
import io.atoll.daemon.store.NetworkRow;
import io.atoll.daemon.store.NodeKeyRow;
import io.atoll.daemon.store.NodeRow;
import io.atoll.daemon.store.NoteRow;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.RunRow;
import io.atoll.daemon.store.SeatRow;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.TaskRow;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One reading connection, used by one thread at a time.
final class Reader implements AutoCloseable {
  private final Path file;
  private final Connection connection;
  private final InstantSource clock;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  Reader(Path file, InstantSource clock) throws SQLException {
    this.file = file;
    this.connection = Sqlite.reader(file);
    this.clock = clock;
  }

  @SuppressWarnings("unchecked") // Each case of `answer` gives what its query declares.
  <R> R read(Query<R> query) throws SQLException {
    try {
      return (R) answer(query);
    } catch (IllegalArgumentException e) {
      throw StoreFailure.damaged(file, "a value in it is not what was written", e);
    }
  }

  private Object answer(Query<?> query) throws SQLException {
    return switch (query) {
      case Query.LiveTasks _ ->
          rows(TaskRow.class, "SELECT body FROM task WHERE ended = 0 ORDER BY no");
      case Query.TaskById by ->
          first(rows(TaskRow.class, "SELECT body FROM task WHERE id = ?", by.id().text()));
      case Query.TaskByName by ->
          first(
              rows(
                  TaskRow.class,
                  "SELECT body FROM task WHERE name = ? ORDER BY no DESC LIMIT 1",
                  by.name()));
      case Query.Tasks tasks -> tasks(tasks);
      case Query.RunsOf of ->
          rows(
              RunRow.class,
              "SELECT body FROM run WHERE task = ? ORDER BY generation, counter",
              of.task().text());
      case Query.LiveRuns _ ->
          rows(
              RunRow.class,
              "SELECT body FROM run WHERE ended = 0 ORDER BY task, generation, counter");
      case Query.Nodes _ -> rows(NodeRow.class, "SELECT body FROM node ORDER BY id");
      case Query.Keys _ -> rows(KeyRow.class, "SELECT body FROM app_key ORDER BY id");
      case Query.Invites _ -> rows(InviteRow.class, "SELECT body FROM invite ORDER BY id");
      case Query.Networks _ -> rows(NetworkRow.class, "SELECT body FROM network ORDER BY id");
      case Query.Seats _ -> rows(SeatRow.class, "SELECT body FROM seat ORDER BY network, holder");
      case Query.NodeKeys _ ->
          rows(NodeKeyRow.class, "SELECT body FROM node_key ORDER BY network, node");
      case Query.Notes notes -> notes(notes.space());
      case Query.Idempotent idempotent -> idempotent(idempotent);
      case Query.Forgets _ -> forgets();
      case Query.Meta _ -> meta().view();
      case Query.Audit audit -> audit(audit);
      case Query.Events events -> events(events);
    };
  }

  private List<TaskRow> tasks(Query.Tasks query) throws SQLException {
    long below = Long.MAX_VALUE;
    TaskId before = query.before();
    if (before != null) {
      try (ResultSet rows = rows("SELECT no FROM task WHERE id = ?", before.text())) {
        if (!rows.next()) {
          throw new StoreException(
              ErrorCode.GONE,
              "cannot list the tasks before " + before + ": it was deleted meanwhile",
              "list again from the newest");
        }
        below = rows.getLong(1);
      }
    }
    return rows(
        TaskRow.class,
        query.ended()
            ? "SELECT body FROM task WHERE no < ? ORDER BY no DESC LIMIT ?"
            : "SELECT body FROM task WHERE no < ? AND ended = 0 ORDER BY no DESC LIMIT ?",
        below,
        query.limit());
  }

  private List<NoteRow> notes(String space) throws SQLException {
    List<NoteRow> notes = new ArrayList<>();
    try (ResultSet rows = rows("SELECT id, body FROM note WHERE space = ? ORDER BY id", space)) {
      while (rows.next()) {
        notes.add(new NoteRow(space, text(rows, 1), text(rows, 2)));
      }
    }
    return notes;
  }

  private Optional<Query.Idempotency> idempotent(Query.Idempotent query) throws SQLException {
    try (ResultSet rows =
        rows(
            "SELECT body_hash, task FROM idempotency"
                + " WHERE key_id = ? AND idempotency_key = ? AND expires > ?",
            query.keyId(),
            query.idempotencyKey(),
            clock.millis())) {
      return rows.next()
          ? Optional.of(new Query.Idempotency(text(rows, 1), new TaskId(text(rows, 2))))
          : Optional.empty();
    }
  }

  private Map<PeerId, Set<TaskId>> forgets() throws SQLException {
    Map<PeerId, Set<TaskId>> forgets = new TreeMap<>();
    try (ResultSet rows = rows("SELECT node, task FROM forget")) {
      while (rows.next()) {
        forgets
            .computeIfAbsent(new PeerId(text(rows, 1)), _ -> new TreeSet<>())
            .add(new TaskId(text(rows, 2)));
      }
    }
    return forgets;
  }

  /// The page and what is said of its edges are of one moment, hence the transaction.
  private Query.EventPage events(Query.Events query) throws SQLException {
    prepared("BEGIN").executeUpdate();
    try {
      Meta meta = meta();
      List<EventView> page = query.after() >= meta.lastSeq() ? List.of() : eventsAfter(query);
      return new Query.EventPage(page, meta.trimmed() + 1, meta.lastSeq());
    } finally {
      prepared("COMMIT").executeUpdate();
    }
  }

  /// The end is of the same moment, hence the transaction.
  private Query.AuditPage audit(Query.Audit query) throws SQLException {
    prepared("BEGIN").executeUpdate();
    try {
      List<String> lines = new ArrayList<>();
      try (ResultSet rows = rows(AuditTable.PAGE, query.after(), query.limit())) {
        while (rows.next()) {
          lines.add(text(rows, 1));
        }
      }
      return new Query.AuditPage(lines, AuditTable.end(connection));
    } finally {
      prepared("COMMIT").executeUpdate();
    }
  }

  private List<EventView> eventsAfter(Query.Events query) throws SQLException {
    TaskId task = query.task();
    List<EventView> events = new ArrayList<>();
    try (ResultSet rows =
        task == null
            ? rows(
                "SELECT seq, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                query.after(),
                query.limit())
            : rows(
                "SELECT seq, body FROM event WHERE task = ? AND seq > ? ORDER BY seq LIMIT ?",
                task.text(),
                query.after(),
                query.limit())) {
      while (rows.next()) {
        EventView event = row(EventView.class, rows.getBytes(2));
        events.add(
            new EventView(
                rows.getLong(1),
                event.at(),
                event.type(),
                event.task(),
                event.node(),
                event.epoch(),
                event.detail()));
      }
    }
    return events;
  }

  private Meta meta() throws SQLException {
    try (ResultSet rows = rows(Meta.SELECT)) {
      return Meta.of(rows);
    }
  }

  private <T> List<T> rows(Class<T> type, String sql, Object... values) throws SQLException {
    List<T> list = new ArrayList<>();
    try (ResultSet rows = rows(sql, values)) {
      while (rows.next()) {
        list.add(row(type, rows.getBytes(1)));
      }
    }
    return list;
  }

  private ResultSet rows(String sql, Object... values) throws SQLException {
    return Sqlite.bind(prepared(sql), values).executeQuery();
  }

  private <T> T row(Class<T> type, byte[] body) {
    try {
      return Json.read(body, type);
    } catch (IOException | IllegalArgumentException e) {
      throw StoreFailure.damaged(
          file, "a row of kind " + type.getSimpleName() + " is unreadable", e);
    }
  }

  /// No column is null, unless the file is damaged.
  private static String text(ResultSet rows, int column) throws SQLException {
    String text = rows.getString(column);
    return text == null ? "" : text;
  }

  private static <T> Optional<T> first(List<T> rows) {
    return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getFirst());
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
