package io.atoll.daemon.hub;

import io.atoll.core.error.ErrorCode;
import io.atoll.daemon.store.MemoryStore;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.Transaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// A store whose disk is full, or hangs, for as long as the test wants.
final class FullStore implements Store {
  private final MemoryStore store = new MemoryStore();
  volatile boolean full;
  volatile ErrorCode code = ErrorCode.NOT_READY;

  /// With the code of a full disk there is room as soon as this is gone.
  volatile @Nullable Path ballast;

  /// What a commit waits for; null = nothing.
  volatile @Nullable CountDownLatch hangs;

  /// Whether one waits.
  volatile boolean hanging;

  @Override
  public List<Outcome> commit(List<Transaction> group) {
    CountDownLatch until = hangs;
    if (until != null) {
      hang(until);
    }
    Path filler = ballast;
    if (full && (filler == null || Files.exists(filler))) {
      throw new StoreException(code, "no space left", "free space");
    }
    return store.commit(group);
  }

  private void hang(CountDownLatch until) {
    hanging = true;
    try {
      until.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      hanging = false;
    }
  }

  @Override
  public <R> R read(Query<R> query) {
    return store.read(query);
  }

  @Override
  public void backup(Path file) {
    store.backup(file);
  }

  @Override
  public void close() {
    store.close();
  }
}
