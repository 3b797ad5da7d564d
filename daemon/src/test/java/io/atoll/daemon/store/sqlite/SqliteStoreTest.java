package io.atoll.daemon.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.term.Epoch;
import io.atoll.daemon.store.Change;
import io.atoll.daemon.store.CommitPoint;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Rows;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreContract;
import io.atoll.daemon.store.StoreMeta;
import io.atoll.daemon.store.Transaction;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
  @TempDir Path folder;

  @Override
  protected Store create(InstantSource clock, int eventBound) {
    return SqliteStore.open(
        folder, StoreOptions.DEFAULT.withClock(clock).withEventBound(eventBound));
  }

  @Override
  protected Store reopen(Store old) {
    old.close();
    return create(now::get, EVENT_BOUND);
  }

  @Test
  void expiredAnswersAreTakenAway() throws SQLException {
    for (int n = 0; n < 10; n++) {
      remember(n);
    }
    now.set(Rows.T0.plusSeconds(100));
    for (int n = 10; n < 14; n++) {
      remember(n);
    }
    assertThat(answers()).as("each new one takes two old ones away").isEqualTo(10 - 8 + 4);
    remember(14);
    remember(15);
    assertThat(answers()).isEqualTo(6);
  }

  private void remember(int n) {
    store.commit(
        List.of(
            Rows.change(
                new Change.PutIdempotency(
                    "k", "key-" + n, "hash", Rows.id(n), now.get().plusSeconds(60)))));
  }

  private long answers() throws SQLException {
    try (Connection plain = Sqlite.plain(folder.resolve("hub.db"))) {
      return Sqlite.number(plain, "SELECT count(*) FROM idempotency");
    }
  }

  @Test
  void aGroupThatFailsLeavesNothing() {
    store.close();
    AtomicReference<RuntimeException> fault = new AtomicReference<>();
    store =
        SqliteStore.open(
            folder,
            StoreOptions.DEFAULT.withCommitPoints(
                point -> {
                  RuntimeException thrown = fault.get();
                  if (point == CommitPoint.WRITTEN && thrown != null) {
                    throw thrown;
                  }
                }));
    Transaction put =
        Rows.change(
            new Change.PutTask(Rows.queued(Rows.id(1))),
            new Change.PutEpoch(new Epoch(1, 9)),
            new Change.Append(Rows.event("a", Rows.id(1))));
    fault.set(new IllegalStateException("planted"));
    for (int n = 0; n < 3; n++) {
      assertThatThrownBy(() -> store.commit(List.of(put, put))).hasMessage("planted");
    }
    assertThat(store.read(new Query.LiveTasks())).isEmpty();
    assertThat(store.read(new Query.Meta())).isEqualTo(new StoreMeta(new Epoch(1, 0), false, 0));
    fault.set(null);
    assertThat(store.commit(List.of(put))).containsExactly(new Outcome.Applied(1));
    assertThat(store.read(new Query.LiveTasks())).hasSize(1);
  }
}
