package io.atoll.daemon.store.sqlite;

import io.atoll.daemon.store.FolderLock;
import io.atoll.daemon.store.Outcome;
import io.atoll.daemon.store.Query;
import io.atoll.daemon.store.Store;
import io.atoll.daemon.store.StoreException;
import io.atoll.daemon.store.Transaction;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.ObjLongConsumer;

/// The store in `hub.db` of the daemon's data folder.
///
/// Call `commit` from a platform thread: it sits in a native fsync. If `commit` fails for another
/// reason than a full disk, the disk lies about what it holds: end the daemon rather than go on.
public final class SqliteStore implements Store {
  private final Path file;
  private final FolderLock lock;
  private final Writer writer;
  private final Readers readers;

  /// Guards the writer, and makes `close` wait for a commit.
  private final Object writing = new Object();

  /// One backup at a time, and `close` waits for it.
  private final Object copying = new Object();

  private volatile boolean closed;

  SqliteStore(Path file, FolderLock lock, Writer writer, Readers readers) {
    this.file = file;
    this.lock = lock;
    this.writer = writer;
    this.readers = readers;
  }

  /// Opens the store of a data folder, or makes it.
  ///
  /// @throws StoreException CONFLICT if a daemon uses it, VERSION_MISMATCH if a newer Atoll wrote
  ///     it, INTERNAL if it is damaged or cannot be written
  public static SqliteStore open(Path folder) throws StoreException {
    return open(folder, StoreOptions.DEFAULT);
  }

  public static SqliteStore open(Path folder, StoreOptions options) throws StoreException {
    return Opening.open(folder, Schema.current(), options);
  }

  /// Puts a backup in the place of a folder's store, which no daemon may be using. The store gets a
  /// generation higher than any seen in the folder and is marked as restored.
  public static Restored restore(Path backup, Path folder) throws StoreException {
    return Restore.run(backup, folder, Schema.current());
  }

  /// Reads the record of who did what in a data folder, whether a daemon uses it or not.
  ///
  /// @param each is given every line, with the number under which it is kept; nothing is checked
  /// @throws StoreException NOT_FOUND if there is no store
  public static void readAudit(Path folder, ObjLongConsumer<byte[]> each) throws StoreException {
    AuditTable.readAll(folder, each);
  }

  @Override
  public List<Outcome> commit(List<Transaction> group) throws StoreException {
    synchronized (writing) {
      checkOpen();
      if (group.isEmpty()) {
        return List.of();
      }
      try {
        return writer.commit(group);
      } catch (SQLException e) {
        throw StoreFailure.of("cannot write to the hub's store", file, e);
      }
    }
  }

  @Override
  public <R> R read(Query<R> query) throws StoreException {
    checkOpen();
    try {
      return readers.read(query);
    } catch (SQLException e) {
      throw StoreFailure.of("cannot read the hub's store", file, e);
    }
  }

  @Override
  public void backup(Path target) throws StoreException {
    synchronized (copying) {
      checkOpen();
      Backup.write(file, target);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw Readers.closed(file);
    }
  }

  @Override
  public void close() {
    synchronized (copying) {
      synchronized (writing) {
        if (closed) {
          return;
        }
        closed = true;
        try (lock;
            writer;
            readers) {
          // In reverse order: the last connection to close copies the log into the file.
        } catch (SQLException _) {
          // Everything acknowledged is in the log, and the next opening reads it from there.
        }
      }
    }
  }
}
