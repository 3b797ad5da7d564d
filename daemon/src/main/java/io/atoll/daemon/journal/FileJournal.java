package io.atoll.daemon.journal;

import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import io.atoll.daemon.store.CommitPoint;
import io.atoll.daemon.store.FolderLock;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal in `provider.journal` of the daemon's data folder; the package shows its form.
///
/// Call `commit` from a platform thread: it sits in fdatasync. An interrupt does not disturb it.
public final class FileJournal implements Journal {
  private static final Logger log = LoggerFactory.getLogger(FileJournal.class);

  private static final String FILE = "provider.journal";
  private static final String LOCK = "provider.lock";

  /// The file is rewritten when it is this many times what still holds …
  private static final int GROWTH = 4;

  /// … and not for less than this: a rewrite costs two fsyncs and a rename.
  private static final int SMALL = 256 << 10;

  private static final int FRAME_OF_REWRITE = 1 << 20;

  private final Path path;
  private final FolderLock lock;
  private final JournalFile file;
  private final Consumer<CommitPoint> at;

  /// Entries that still hold, encoded, by what they are about; oldest first.
  private final Map<String, byte[]> live = new LinkedHashMap<>();

  private long liveBytes;

  /// The next rewrite is tried when the file is larger than this.
  private long rewriteAbove;

  private boolean closed;

  private FileJournal(Path path, FolderLock lock, JournalFile file, Consumer<CommitPoint> at) {
    this.path = path;
    this.lock = lock;
    this.file = file;
    this.at = at;
  }

  /// Opens the journal of a data folder, or makes it.
  ///
  /// @throws StoreException CONFLICT if a daemon uses it, VERSION_MISMATCH if a newer Atoll wrote
  ///     it, INTERNAL if it is damaged or cannot be written
  public static FileJournal open(Path folder) throws StoreException {
    return open(folder, CommitPoint.NONE);
  }

  /// @param at called at each point of each commit, on the committing thread
  public static FileJournal open(Path folder, Consumer<CommitPoint> at) throws StoreException {
    Path path = folder.toAbsolutePath().resolve(FILE);
    try {
      PrivateFiles.createFolder(folder);
    } catch (IOException e) {
      throw failure("cannot make the folder of the provider's journal", path, e);
    }
    FolderLock lock = FolderLock.take(folder.resolve(LOCK), "the provider's journal");
    boolean done = false;
    try {
      JournalFile file = JournalFile.open(path, at);
      try {
        FileJournal journal = new FileJournal(path, lock, file, at);
        journal.recover();
        done = true;
        return journal;
      } finally {
        if (!done) {
          file.close();
        }
      }
    } catch (IOException e) {
      throw failure("cannot open the provider's journal", path, e);
    } finally {
      if (!done) {
        lock.close();
      }
    }
  }

  /// The agreements that a folder's journal holds, whether a daemon uses it or not: nothing is
  /// locked, changed or made.
  ///
  /// @throws IOException if it cannot be read as a journal
  public static List<Agreement> peek(Path folder) throws IOException {
    Path path = folder.resolve(FILE);
    if (!Files.exists(path)) {
      return List.of();
    }
    Map<String, Agreement> agreements = new LinkedHashMap<>();
    for (byte[] payload : JournalFrames.scan(Files.readAllBytes(path)).payloads()) {
      for (JournalEntry entry : Json.read(payload, JournalEntry[].class)) {
        if (entry.agreement() != null) {
          agreements.put(entry.key(), entry.agreement());
        } else if (entry.leave() != null) {
          agreements.remove(entry.key());
        }
      }
    }
    return List.copyOf(agreements.values());
  }

  private void recover() throws IOException {
    byte[] bytes = file.read();
    JournalFrames.Scan scan = JournalFrames.scan(bytes);
    switch (scan.verdict()) {
      case CLEAN -> {}
      case TORN ->
          log.info(
              "{}: cut off {} bytes of a write that a crash had interrupted",
              path,
              bytes.length - scan.end());
      case DAMAGED -> throw damaged("the bytes from " + scan.end() + " on have changed", null);
      case FOREIGN -> throw damaged("it does not begin as a journal does", null);
      case NEWER -> throw newer(null);
    }
    for (byte[] payload : scan.payloads()) {
      for (JournalEntry entry : decode(payload, JournalEntry[].class)) {
        fold(entry, Json.bytes(entry));
      }
    }
    file.cutAfter(scan.end());
    rewriteAbove = Math.max(SMALL, GROWTH * liveBytes);
    if (file.end() > liveBytes + SMALL) {
      tryRewrite();
    }
  }

  private <T> T decode(byte[] json, Class<T> type) {
    try {
      return Json.read(json, type);
    } catch (IOException e) {
      throw damaged("an entry is unreadable", e);
    }
  }

  private void fold(JournalEntry entry, byte[] bytes) {
    String key;
    try {
      key = entry.key();
    } catch (IllegalArgumentException e) {
      throw newer(e);
    }
    byte[] former = live.remove(key);
    liveBytes -= former == null ? 0 : former.length;
    if (!entry.ends()) {
      live.put(key, bytes);
      liveBytes += bytes.length;
    }
  }

  @Override
  public synchronized Contents load() throws StoreException {
    checkOpen();
    List<RunRecord> runs = new ArrayList<>();
    List<Agreement> agreements = new ArrayList<>();
    List<NetworkRecord> networks = new ArrayList<>();
    for (byte[] bytes : live.values()) {
      JournalEntry entry = decode(bytes, JournalEntry.class);
      if (entry.run() != null) {
        runs.add(entry.run());
      }
      if (entry.agreement() != null) {
        agreements.add(entry.agreement());
      }
      if (entry.network() != null) {
        networks.add(entry.network());
      }
    }
    return new Contents(List.copyOf(runs), List.copyOf(agreements), List.copyOf(networks));
  }

  @Override
  public synchronized void commit(List<JournalChange> changes) throws StoreException {
    checkOpen();
    if (changes.isEmpty()) {
      return;
    }
    List<JournalEntry> entries = changes.stream().map(JournalEntry::of).toList();
    List<byte[]> encoded = entries.stream().map(Json::bytes).toList();
    ByteBuffer frame = JournalFrames.frame(array(encoded));
    at.accept(CommitPoint.BEFORE);
    try {
      file.append(frame);
    } catch (IOException e) {
      StoreException failure = failure("cannot write to the provider's journal", path, e);
      file.cutBack();
      throw failure;
    }
    at.accept(CommitPoint.DURABLE);
    for (int i = 0; i < entries.size(); i++) {
      fold(entries.get(i), encoded.get(i));
    }
    if (file.end() > rewriteAbove) {
      tryRewrite();
    }
  }

  /// If the rewrite fails, the next try is when the file has grown by half.
  private void tryRewrite() {
    List<ByteBuffer> frames = new ArrayList<>();
    List<byte[]> some = new ArrayList<>();
    int bytes = 0;
    for (byte[] entry : live.values()) {
      some.add(entry);
      bytes += entry.length;
      if (bytes >= FRAME_OF_REWRITE) {
        frames.add(JournalFrames.frame(array(some)));
        some.clear();
        bytes = 0;
      }
    }
    if (!some.isEmpty()) {
      frames.add(JournalFrames.frame(array(some)));
    }
    try {
      file.replace(frames);
      rewriteAbove = Math.max(SMALL, GROWTH * liveBytes);
    } catch (IOException e) {
      rewriteAbove = file.end() + file.end() / 2;
      log.warn("{}: cannot be made smaller yet: {}", path, PrivateFiles.reason(e));
    }
  }

  private static byte[] array(List<byte[]> entries) {
    ByteArrayOutputStream array = new ByteArrayOutputStream();
    char before = '[';
    for (byte[] entry : entries) {
      array.write(before);
      array.writeBytes(entry);
      before = ',';
    }
    array.write(']');
    return array.toByteArray();
  }

  private void checkOpen() {
    if (closed) {
      throw new StoreException(
          ErrorCode.NOT_READY,
          "the provider's journal " + path + " is closed",
          "the daemon is stopping; try again once it runs");
    }
  }

  private StoreException damaged(String how, @Nullable Exception cause) {
    return new StoreException(
        ErrorCode.INTERNAL,
        "the provider's journal " + path + " is damaged: " + how,
        "look for disk errors in the system's log. To go on without it, move the file out of the"
            + " way and join the hub with a new invite; the runs it knew of are then given up",
        cause);
  }

  private StoreException newer(@Nullable Exception cause) {
    return new StoreException(
        ErrorCode.VERSION_MISMATCH,
        "the provider's journal " + path + " was written by a newer Atoll",
        "run that newer Atoll again",
        cause);
  }

  private static StoreException failure(String what, Path path, IOException cause) {
    return PrivateFiles.diskFull(path, cause)
        ? new StoreException(
            ErrorCode.DISK_FULL,
            what + " " + path + ": no space left on the disk",
            "free space in "
                + PrivateFiles.folderOf(path)
                + "; the daemon goes on by itself once there is room",
            cause)
        : new StoreException(
            ErrorCode.INTERNAL,
            what + " " + path + ": " + PrivateFiles.reason(cause),
            "check that the folder belongs to the daemon's user and is writable, and look for disk"
                + " errors in the system's log",
            cause);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    file.close();
    lock.close();
  }
}
