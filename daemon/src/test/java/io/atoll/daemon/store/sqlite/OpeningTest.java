package io.atoll.daemon.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.client.api.TaskState;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.CrashChild;
import io.atoll.daemon.store.Fuzz;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Rows;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.TaskRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.util.LibraryLoaderUtil;

class OpeningTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("hub.db");
  }

  private void put(TaskRow... tasks) {
    try (SqliteStore store = SqliteStore.open(folder)) {
      for (TaskRow task : tasks) {
        store.commit(
            List.of(
                Rows.change(
                    new Change.PutTask(task),
                    new Change.Append(Rows.event("task.created", task.id())))));
      }
    }
  }

  private List<TaskRow> tasks() {
    try (SqliteStore store = SqliteStore.open(folder)) {
      return store.read(new Query.Tasks(true, null, 1000));
    }
  }

  private static void fails(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.code()).as(e.text()).isEqualTo(code);
              assertThat(e.text() + " " + e.hint()).contains(words);
              assertThat(e.text() + e.hint()).doesNotContain("Exception", "SQLITE_");
            });
  }

  @Test
  void whatWasCommittedIsThereAfterClosing() throws IOException {
    put(Rows.queued(Rows.id(1)), Rows.queued(Rows.id(2)));
    assertThat(tasks()).containsExactly(Rows.queued(Rows.id(2)), Rows.queued(Rows.id(1)));
    try (SqliteStore store = SqliteStore.open(folder)) {
      assertThat(store.read(new Query.Meta()).lastSeq()).isEqualTo(2);
      store.commit(List.of(Rows.change(new Change.Append(Rows.event("x", Rows.id(1))))));
      try (Stream<Path> files = Files.list(folder)) {
        for (Path path : files.filter(Files::isRegularFile).toList()) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
              .as(path.toString())
              .isEqualTo("rw-------");
        }
      }
    }
    assertThat(folder.resolve("hub.db-wal")).doesNotExist();
  }

  @Test
  void everyCommitIsSynced() throws SQLException {
    put(Rows.queued(Rows.id(1)));
    try (Connection writer = Sqlite.writer(file())) {
      assertThat(Sqlite.number(writer, "PRAGMA synchronous")).isEqualTo(2);
      assertThat(Sqlite.text(writer, "PRAGMA journal_mode")).isEqualTo("wal");
    }
  }

  @Test
  void aReaderCannotWrite() throws SQLException {
    put(Rows.queued(Rows.id(1)));
    try (Connection reader = Sqlite.reader(file())) {
      assertThatThrownBy(() -> Sqlite.execute(reader, "DELETE FROM task"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void aSecondDaemonIsKeptAway() {
    try (SqliteStore _ = SqliteStore.open(folder)) {
      for (int n = 0; n < 2; n++) {
        fails(
            () -> SqliteStore.open(folder),
            ErrorCode.CONFLICT,
            "pid " + ProcessHandle.current().pid(),
            folder.toString(),
            "--data-dir");
      }
    }
    assertThat(tasks()).isEmpty();
  }

  /// Opens the store given, says so, and waits to be killed.
  public static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws InterruptedException {
      try {
        SqliteStore.open(Path.of(args[0]));
      } catch (StoreException e) {
        if (e.code() == ErrorCode.CONFLICT && e.text().contains("pid " + args[1])) {
          CrashChild.acknowledge(7);
        }
        return;
      }
      CrashChild.acknowledge(1);
      Thread.sleep(Duration.ofMinutes(1));
    }
  }

  @Test
  void theLockHoldsBetweenProcessesAndDiesWithItsHolder() throws Exception {
    Path errors = folder.resolve("errors");
    String pid = Long.toString(ProcessHandle.current().pid());
    try (SqliteStore _ = SqliteStore.open(folder)) {
      fails(() -> SqliteStore.open(folder), ErrorCode.CONFLICT, "pid " + pid);
      assertThat(
              CrashChild.runAndKill(
                  Holder.class, Duration.ofSeconds(30), errors, folder.toString(), pid))
          .as(Files.readString(errors))
          .isEqualTo(7);
    }
    assertThat(CrashChild.runAndKill(Holder.class, Duration.ZERO, errors, folder.toString(), pid))
        .isEqualTo(1);
    assertThat(tasks()).isEmpty();
    // The holder unpacked SQLite here, so that its death left nothing in /tmp.
    try (Stream<Path> unpacked = Files.list(folder.resolve("lib"))) {
      assertThat(unpacked.toList())
          .extracting(path -> path.getFileName().toString())
          .containsExactly(LibraryLoaderUtil.getNativeLibName());
    }
  }

  @Test
  void anOlderStoreIsCopiedAndMigrated() throws Exception {
    put(Rows.queued(Rows.id(1)));
    Schema next = with("ALTER TABLE task ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody';");
    try (SqliteStore store = Opening.open(folder, next, StoreOptions.DEFAULT)) {
      assertThat(store.read(new Query.TaskById(Rows.id(1)))).contains(Rows.queued(Rows.id(1)));
      store.commit(List.of(Rows.change(new Change.PutTask(Rows.queued(Rows.id(2))))));
    }
    try (Connection plain = Sqlite.plain(file())) {
      assertThat(Sqlite.text(plain, "SELECT owner FROM task WHERE no = 2")).isEqualTo("nobody");
      assertThat(Sqlite.number(plain, "PRAGMA user_version")).isEqualTo(next.version());
    }
    try (SqliteStore store = Opening.open(folder, next, StoreOptions.DEFAULT)) {
      assertThat(store.read(new Query.LiveTasks())).hasSize(2);
    }

    List<Path> copies = copies();
    assertThat(copies).hasSize(1);
    fails(() -> SqliteStore.open(folder), ErrorCode.VERSION_MISMATCH, "newer Atoll", "restore");
    // One version back: the copy that the upgrade left is what the older program restores.
    SqliteStore.restore(copies.getFirst(), folder);
    assertThat(tasks()).containsExactly(Rows.queued(Rows.id(1)));
  }

  @Test
  void aMigrationThatFailsChangesNothing() throws IOException {
    put(Rows.queued(Rows.id(1)));
    Schema broken = with("CREATE TABLE extra (id INTEGER); INSERT INTO no_such_table VALUES (1);");
    fails(
        () -> Opening.open(folder, broken, StoreOptions.DEFAULT),
        ErrorCode.INTERNAL,
        "nothing was changed");
    assertThat(tasks()).containsExactly(Rows.queued(Rows.id(1)));
    assertThat(copies()).hasSize(1);
  }

  private static Schema with(String script) {
    List<String> scripts = new ArrayList<>(Schema.current().scripts());
    scripts.add(script);
    return new Schema(scripts);
  }

  private List<Path> copies() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(
              f ->
                  f.getFileName()
                      .toString()
                      .startsWith("hub.db.v" + Schema.current().version() + "-"))
          .toList();
    }
  }

  @Test
  void anEmptyFileLeftByACrashIsANewStore() throws IOException {
    Files.createFile(file());
    put(Rows.queued(Rows.id(1)));
    assertThat(tasks()).hasSize(1);
  }

  @Test
  void aForeignFileIsLeftAlone() throws Exception {
    try (Connection plain = Sqlite.plain(file())) {
      Sqlite.execute(plain, "CREATE TABLE recipes (name TEXT)");
    }
    fails(() -> SqliteStore.open(folder), ErrorCode.BAD_REQUEST, "not the store of an Atoll hub");
    Files.writeString(file(), "Dear diary, ".repeat(500));
    fails(() -> SqliteStore.open(folder), ErrorCode.INTERNAL, "damaged", "atoll restore");
    assertThat(file()).hasContent("Dear diary, ".repeat(500));
  }

  @Test
  void aFolderThatIsNoneSaysSo() throws IOException {
    Path blocked = Files.createFile(folder.resolve("file")).resolve("data");
    fails(() -> SqliteStore.open(blocked), ErrorCode.INTERNAL, blocked.toString());
  }

  @Test
  void aDamagedFileNamesTheRemedy() throws IOException {
    List<TaskRow> many = new ArrayList<>();
    for (int n = 0; n < 300; n++) {
      many.add(Rows.task(Rows.id(n), "name-" + n, TaskState.RUNNING, new Epoch(1, n)));
    }
    put(many.toArray(TaskRow[]::new));
    byte[] good = Files.readAllBytes(file());

    byte[] bad = good.clone();
    Arrays.fill(bad, 4096 * 3, 4096 * 9, (byte) 0x5a);
    Files.write(file(), bad);
    fails(() -> SqliteStore.open(folder), ErrorCode.INTERNAL, "damaged", "atoll restore");

    Files.write(file(), Arrays.copyOf(good, good.length / 2));
    fails(() -> SqliteStore.open(folder), ErrorCode.INTERNAL, "damaged", "atoll restore");

    String text = new String(good, StandardCharsets.ISO_8859_1);
    Files.write(
        file(),
        text.replace("\"priority\":50", "\"priority\":5x").getBytes(StandardCharsets.ISO_8859_1));
    try (SqliteStore store = SqliteStore.open(folder)) {
      fails(
          () -> store.read(new Query.LiveTasks()), ErrorCode.INTERNAL, "damaged", "atoll restore");
    }
  }

  /// Whatever is wrong with the file, people get a sentence and never a stack trace.
  @Test
  void damageIsAlwaysAStoreException() throws IOException {
    List<TaskRow> many = new ArrayList<>();
    for (int n = 0; n < 40; n++) {
      many.add(Rows.task(Rows.id(n), "name-" + n, TaskState.RUNNING, new Epoch(1, n)));
    }
    put(many.toArray(TaskRow[]::new));
    byte[] good = Files.readAllBytes(file());
    Random random = Fuzz.random("damageIsAlwaysAStoreException");
    for (int round = Fuzz.rounds(150); round > 0; round--) {
      byte[] bad =
          random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      for (int n = random.nextInt(30); n >= 0 && bad.length > 0; n--) {
        int at = random.nextInt(random.nextBoolean() ? bad.length : Math.min(bad.length, 4200));
        bad[at] = (byte) random.nextInt(256);
      }
      Files.write(file(), bad);
      Files.deleteIfExists(folder.resolve("hub.db-wal"));
      Files.deleteIfExists(folder.resolve("hub.db-shm"));
      try (SqliteStore store = SqliteStore.open(folder)) {
        store.read(new Query.LiveTasks());
        store.read(new Query.Events(0, null, 100));
        store.read(new Query.Forgets());
        store.commit(List.of(Rows.change(new Change.PutTask(Rows.queued(Rows.id(99))))));
      } catch (StoreException e) {
        assertThat(e.hint()).isNotEmpty();
      }
    }
  }
}
