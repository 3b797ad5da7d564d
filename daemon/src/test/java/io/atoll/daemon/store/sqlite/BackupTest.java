package io.atoll.daemon.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.term.Epoch;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Rows;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.StoreMeta;
import io.atoll.daemon.store.TinyDisk;
import io.atoll.daemon.store.Transaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups of a store in use, and what becomes of them.
class BackupTest {
  @TempDir Path folder;

  private static Transaction put(long n) {
    return Rows.change(
        new Change.PutTask(Rows.queued(Rows.id(n))),
        new Change.PutEpoch(new Epoch(1, n)),
        new Change.Append(Rows.event("task.created", Rows.id(n))));
  }

  private static void fails(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.code()).as(e.text()).isEqualTo(code);
              assertThat(e.text() + " " + e.hint()).contains(words);
            });
  }

  private Path data(String name) {
    return folder.resolve(name);
  }

  private Path backup(long... tasks) {
    Path file = data("backup-" + tasks.length + ".db");
    try (SqliteStore store = SqliteStore.open(data("source-" + tasks.length))) {
      for (long n : tasks) {
        store.commit(List.of(put(n)));
      }
      store.backup(file);
    }
    return file;
  }

  private List<Path> files(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void aBackupUnderLoadIsOneMomentOfTheStore() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong acknowledged = new AtomicLong();
    List<Long> before = new ArrayList<>();
    List<Path> backups = new ArrayList<>();
    try (SqliteStore store = SqliteStore.open(data("hub"))) {
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (long n = 1; !done.get(); n += 4) {
                      store.commit(List.of(put(n), put(n + 1), put(n + 2), put(n + 3)));
                      acknowledged.set(n + 3);
                    }
                  });
      for (int n = 0; n < 5; n++) {
        Thread.sleep(100);
        before.add(acknowledged.get());
        Path file = data("b" + n);
        Thread.ofVirtual().start(() -> store.backup(file)).join();
        backups.add(file);
      }
      done.set(true);
      writer.join();
    }
    for (int n = 0; n < backups.size(); n++) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backups.get(n))))
          .isEqualTo("rw-------");
      try (Connection plain = Sqlite.plain(backups.get(n))) {
        assertThat(Sqlite.text(plain, "PRAGMA integrity_check")).isEqualTo("ok");
        long tasks = Sqlite.number(plain, "SELECT count(*) FROM task");
        assertThat(tasks).isGreaterThanOrEqualTo(before.get(n));
        assertThat(tasks % 4).isZero();
        assertThat(Sqlite.number(plain, "SELECT count(*) FROM event")).isEqualTo(tasks);
        assertThat(Sqlite.number(plain, "SELECT counter FROM meta")).isEqualTo(tasks);
      }
    }
    assertThat(files(folder)).hasSize(5);
    assertThat(before.getLast()).isGreaterThan(100);
  }

  @Test
  void aBackupReplacesNothingAndLeavesNoHalfFile() throws IOException {
    Path taken = Files.writeString(data("taken"), "mine");
    try (SqliteStore store = SqliteStore.open(data("hub"))) {
      fails(() -> store.backup(taken), ErrorCode.CONFLICT, "exists", taken.toString());
      fails(() -> store.backup(data("no").resolve("such/file")), ErrorCode.INTERNAL, "no such");
      store.commit(List.of(put(1)));
      assertThat(store.read(new Query.LiveTasks())).hasSize(1);
    }
    assertThat(taken).hasContent("mine");
    assertThat(files(folder)).containsExactly(taken);
  }

  @Test
  void aRestoredStoreIsOfANewGenerationAndSaysSo() {
    Path backup = backup(1, 2);
    Restored restored = SqliteStore.restore(backup, data("new"));
    assertThat(restored)
        .isEqualTo(new Restored(data("new").resolve("hub.db"), null, new Epoch(2, 0)));
    try (SqliteStore store = SqliteStore.open(data("new"))) {
      StoreMeta meta = store.read(new Query.Meta());
      assertThat(meta.highest()).isEqualTo(new Epoch(2, 0));
      assertThat(meta.restored()).isTrue();
      assertThat(meta.lastSeq()).isGreaterThan(2);
      assertThat(store.read(new Query.LiveTasks()))
          .containsExactly(Rows.queued(Rows.id(1)), Rows.queued(Rows.id(2)));
      assertThat(store.read(new Query.Events(0, null, 10)).events()).hasSize(2);
    }
    assertThat(backup).exists();
  }

  @Test
  void theReplacedStoreIsKept() throws IOException {
    Path backup = backup(1);
    try (SqliteStore store = SqliteStore.open(data("hub"))) {
      store.commit(List.of(put(8), put(9)));
      fails(() -> SqliteStore.restore(backup, data("hub")), ErrorCode.CONFLICT, "pid");
      // As a kill -9 leaves it: the newest commits are in the log only.
      Files.createDirectories(data("killed"));
      for (String name : List.of("hub.db", "hub.db-wal")) {
        Files.copy(data("hub").resolve(name), data("killed").resolve(name));
      }
    }
    Restored restored = SqliteStore.restore(backup, data("killed"));
    assertThat(restored.kept().getFileName().toString()).startsWith("hub.db.before-restore-");
    assertThat(files(data("killed")))
        .containsExactly(
            data("killed").resolve("hub.db"), restored.kept(), data("killed").resolve("hub.lock"));
    SqliteStore.restore(restored.kept(), data("other"));
    try (SqliteStore store = SqliteStore.open(data("other"))) {
      assertThat(store.read(new Query.LiveTasks()))
          .containsExactly(Rows.queued(Rows.id(8)), Rows.queued(Rows.id(9)));
    }
    try (SqliteStore store = SqliteStore.open(data("killed"))) {
      assertThat(store.read(new Query.LiveTasks())).containsExactly(Rows.queued(Rows.id(1)));
    }
  }

  @Test
  void oneBackupRestoredAgainAndAgainNeverGivesOutAGenerationTwice() {
    Path backup = backup(1);
    long lastSeq = 0;
    for (int generation = 2; generation < 6; generation++) {
      assertThat(SqliteStore.restore(backup, data("hub")).highest())
          .isEqualTo(new Epoch(generation, 0));
      try (SqliteStore store = SqliteStore.open(data("hub"))) {
        assertThat(store.read(new Query.Meta()).lastSeq()).isGreaterThan(lastSeq);
        lastSeq = store.read(new Query.Meta()).lastSeq();
      }
    }
  }

  @Test
  void aDamagedStoreIsKeptAndReplaced() throws IOException {
    Path backup = backup(1);
    Files.createDirectories(data("hub"));
    Files.writeString(data("hub").resolve("hub.db"), "not a store");
    Files.writeString(data("hub").resolve("hub.db-wal"), "not a log");
    Restored restored = SqliteStore.restore(backup, data("hub"));
    assertThat(restored.kept()).hasContent("not a store");
    assertThat(Path.of(restored.kept() + "-wal")).hasContent("not a log");
    try (SqliteStore store = SqliteStore.open(data("hub"))) {
      assertThat(store.read(new Query.LiveTasks())).hasSize(1);
    }
  }

  @Test
  void aBackupOfAnOlderFormatIsMigrated() throws Exception {
    Path backup = backup(1);
    List<String> scripts = new ArrayList<>(Schema.current().scripts());
    scripts.add("ALTER TABLE task ADD COLUMN owner TEXT NOT NULL DEFAULT 'nobody';");
    Schema next = new Schema(scripts);
    Restore.run(backup, data("hub"), next);
    try (Connection plain = Sqlite.plain(data("hub").resolve("hub.db"))) {
      assertThat(Sqlite.number(plain, "PRAGMA user_version")).isEqualTo(next.version());
      assertThat(Sqlite.text(plain, "SELECT owner FROM task")).isEqualTo("nobody");
    }
    try (SqliteStore store = Opening.open(data("hub"), next, StoreOptions.DEFAULT)) {
      store.backup(data("newer.db"));
    }
    fails(
        () -> SqliteStore.restore(data("newer.db"), data("old")),
        ErrorCode.VERSION_MISMATCH,
        "newer Atoll");
  }

  @Test
  void whatIsNoBackupTouchesNothing() throws Exception {
    try (SqliteStore store = SqliteStore.open(data("hub"))) {
      store.commit(List.of(put(7)));
    }
    Path text = Files.writeString(data("text"), "hello, ".repeat(1000));
    Path empty = Files.createFile(data("empty"));
    Path foreign = data("foreign");
    try (Connection plain = Sqlite.plain(foreign)) {
      Sqlite.execute(plain, "CREATE TABLE recipes (name TEXT)");
    }
    long[] tasks = new long[200];
    Arrays.setAll(tasks, n -> n + 1);
    byte[] bytes = Files.readAllBytes(backup(tasks));
    Arrays.fill(bytes, 4096 * 2, 4096 * 6, (byte) 7);
    Path damaged = Files.write(data("damaged"), bytes);
    Path logged = Files.copy(backup(1), data("logged"));
    Files.writeString(data("logged-wal"), "frames");

    List<Path> before = files(data("hub"));
    fails(() -> SqliteStore.restore(data("absent"), data("hub")), ErrorCode.NOT_FOUND, "absent");
    for (Path bad : List.of(text, empty, foreign, damaged, logged)) {
      fails(
          () -> SqliteStore.restore(bad, data("hub")),
          ErrorCode.BAD_REQUEST,
          bad.toString(),
          "backup");
    }
    assertThat(files(data("hub"))).isEqualTo(before);
    try (SqliteStore store = SqliteStore.open(data("hub"))) {
      assertThat(store.read(new Query.Meta())).isEqualTo(new StoreMeta(new Epoch(1, 7), false, 1));
    }
  }

  @Test
  @Tag("real")
  void aFullDiskLosesNothingAndRecovers() throws Exception {
    try (TinyDisk disk = TinyDisk.mount(data("tiny"), 8, 3)) {
      List<Long> acknowledged = new ArrayList<>();
      try (SqliteStore store = SqliteStore.open(disk.folder())) {
        long next = 1;
        StoreException full = null;
        while (full == null) {
          List<Transaction> group = new ArrayList<>();
          for (long n = next; n < next + 50; n++) {
            group.add(put(n));
          }
          try {
            store.commit(group);
            acknowledged.add(next);
            next += 50;
            assertThat(next).isLessThan(100_000);
          } catch (StoreException e) {
            full = e;
          }
        }
        assertThat(full.code()).as(full.text()).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(full.hint()).contains("free space", disk.folder().toString());
        long count = next - 1;
        assertThat(count).isGreaterThan(100);
        assertThat(store.read(new Query.LiveTasks())).hasSize((int) count);
        assertThat(store.read(new Query.Meta()).lastSeq()).isEqualTo(count);
        fails(() -> store.backup(disk.folder().resolve("copy.db")), ErrorCode.DISK_FULL, "space");
        assertThat(files(disk.folder()))
            .extracting(file -> file.getFileName().toString())
            .containsExactly("ballast", "hub.db", "hub.db-shm", "hub.db-wal", "hub.lock");

        disk.makeRoom();
        store.commit(List.of(put(next)));
        assertThat(store.read(new Query.LiveTasks())).hasSize((int) count + 1);
        assertThat(store.read(new Query.Meta()).lastSeq()).isEqualTo(count + 1);
      }
      try (SqliteStore store = SqliteStore.open(disk.folder())) {
        assertThat(store.read(new Query.LiveTasks())).hasSize(acknowledged.size() * 50 + 1);
      }
    }
  }
}
