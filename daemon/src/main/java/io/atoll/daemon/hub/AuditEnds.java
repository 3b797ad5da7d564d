package io.atoll.daemon.hub;

import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.SignedEnd;
import io.atoll.core.error.AtollException;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.daemon.store.Query;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the signed end of the record in a file beside the store, so that a store that was cut
/// shows it: at once to `atoll audit verify`, and in the record itself when the hub starts.
///
/// A second behind at most; whoever wants more keeps ends elsewhere.
public final class AuditEnds implements AutoCloseable {
  public static final String FILE = "audit.end";

  private static final Logger log = LoggerFactory.getLogger(AuditEnds.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Path file;
  private final AuditDesk desk;
  private final Thread thread;
  private long written = -1; // used by one thread at a time

  private AuditEnds(Path file, AuditDesk desk) {
    this.file = file;
    this.desk = desk;
    this.thread = Thread.ofPlatform().daemon().name("audit end").unstarted(this::keep);
  }

  /// Compares the record with the end that was kept, tells in it that the hub has started, and
  /// keeps its end from now on. On a full disk the hub starts all the same: what runs is looked
  /// after.
  ///
  /// @param version what the hub runs
  public static AuditEnds start(Path folder, AuditDesk desk, String version)
      throws InterruptedException {
    AuditEnds ends = new AuditEnds(folder.resolve(FILE), desk);
    try {
      ends.compare();
      desk.tell("hub.start", version, "OK");
      ends.write();
    } catch (IOException | AtollException e) {
      log.warn("the record of who did what is not kept as it should be: {}", e.getMessage());
    }
    ends.thread.start();
    return ends;
  }

  private void compare() throws IOException, InterruptedException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      if (desk.read(0, 1).end().seq() > 0) {
        desk.tell("audit.end-missing", FILE, "FOUND");
      }
      return;
    }
    SignedEnd kept = read(bytes);
    if (kept == null || !kept.verified() || !kept.hub().equals(desk.end().hub())) {
      lost("audit.end-unreadable", FILE);
    } else if (!isIn(kept.end())) {
      lost("audit.behind", "entry " + kept.seq() + " " + kept.hash());
    }
  }

  private static @Nullable SignedEnd read(byte[] bytes) {
    int length = bytes.length;
    try {
      return length > 0 && bytes[length - 1] == '\n'
          ? SignedEnd.read(Arrays.copyOf(bytes, length - 1))
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  private boolean isIn(AuditEnd end) {
    if (end.seq() == 0) {
      return true;
    }
    Query.AuditPage page = desk.read(end.seq() - 1, 1);
    List<String> lines = page.lines();
    return !lines.isEmpty() && AuditEnd.at(end.seq(), lines.getFirst()).equals(end);
  }

  /// The store was put back to an older one, or somebody changed it: what was kept stays for
  /// whoever looks into it.
  private void lost(String action, String what) throws IOException, InterruptedException {
    Path aside = file.resolveSibling(FILE + ".lost-" + Instant.now().toEpochMilli());
    Files.move(file, aside);
    log.warn(
        "the record of who did what is not the one whose end was signed ({}); that end is in {}",
        what,
        aside);
    desk.tell(action, what, "FOUND");
  }

  private void keep() {
    try {
      while (true) {
        Thread.sleep(PAUSE);
        tryWrite();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tryWrite() {
    try {
      write();
    } catch (IOException | AtollException e) {
      log.debug("the end of the record is not kept now", e);
    }
  }

  private void write() throws IOException {
    if (desk.read(0, 1).end().seq() == written) {
      return;
    }
    SignedEnd end = desk.end();
    Path draft = file.resolveSibling("." + FILE + ".new");
    Files.deleteIfExists(draft);
    PrivateFiles.create(draft);
    Files.write(draft, (end.text() + "\n").getBytes(StandardCharsets.UTF_8));
    PrivateFiles.sync(draft);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    written = end.seq();
  }

  /// While the hub still answers.
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
    tryWrite();
  }
}
