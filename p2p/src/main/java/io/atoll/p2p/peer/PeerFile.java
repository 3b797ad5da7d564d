package io.atoll.p2p.peer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the peer store outlives its process: written whole beside the file, then moved over it.
/// One thread writes; a disk that fails costs what was learnt since, and nothing else.
final class PeerFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PeerFile.class);
  private static final String HEADER = "atoll peers 1";
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final int CRC_DIGITS = 8;

  /// Far above what the bounds allow to be written.
  private static final long MAX_BYTES = 64 << 20;

  private final Path path;
  private final PeerBounds bounds;
  private Supplier<List<KnownPeer>> content = List::of;
  private Thread writer = Thread.currentThread();

  // Under the lock of this object.
  private boolean dirty;
  private boolean closed;

  PeerFile(Path path, PeerBounds bounds) {
    this.path = path.toAbsolutePath();
    this.bounds = bounds;
  }

  /// The peers in the file that can be read; none if there is no such file.
  List<KnownPeer> read() {
    try {
      if (!Files.exists(path)) {
        return List.of();
      }
      long size = Files.size(path);
      if (size > MAX_BYTES) {
        log.warn("the peer store {} has {} bytes and is not read", path, size);
        return List.of();
      }
      return decode(Files.readAllBytes(path));
    } catch (IOException e) {
      log.warn("cannot read the peer store {}, it starts empty: {}", path, e.toString());
      return List.of();
    }
  }

  List<KnownPeer> decode(byte[] bytes) {
    // Bytes that are no text become characters that no checksum agrees with.
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    if (!lines[0].equals(HEADER)) {
      log.warn("{} is no peer store of this version, it starts empty", path);
      return List.of();
    }
    List<KnownPeer> peers = new ArrayList<>();
    int damaged = 0;
    for (int i = 1; i < lines.length && peers.size() < bounds.peers(); i++) {
      String line = lines[i];
      if (line.isEmpty()) {
        continue;
      }
      try {
        if (line.length() <= CRC_DIGITS || !line.startsWith(crc(line.substring(CRC_DIGITS + 1)))) {
          throw new IOException("its checksum is wrong");
        }
        peers.add(StoredPeer.read(line.substring(CRC_DIGITS + 1), bounds));
      } catch (IOException | IllegalArgumentException e) {
        damaged++;
      }
    }
    if (damaged > 0) {
      log.warn(
          "the peer store {} has {} damaged lines; {} peers held", path, damaged, peers.size());
    }
    return peers;
  }

  static byte[] encode(List<KnownPeer> peers) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes((HEADER + "\n").getBytes(StandardCharsets.UTF_8));
    for (KnownPeer peer : peers) {
      String json = StoredPeer.write(peer);
      bytes.writeBytes((crc(json) + " " + json + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  void start(Supplier<List<KnownPeer>> whole) {
    content = whole;
    writer = Thread.ofVirtual().name("peer-store").start(this::writeNowAndThen);
  }

  synchronized void changed() {
    dirty = true;
    notifyAll();
  }

  /// Writes what changed last.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeNowAndThen() {
    boolean more = true;
    while (more) {
      boolean write;
      synchronized (this) {
        awaitWork();
        write = dirty;
        dirty = false;
        more = !closed;
      }
      if (write) {
        save();
      }
    }
  }

  /// Returns some time after the first change, so that many are one write; at once when closing.
  private synchronized void awaitWork() {
    try {
      while (!dirty && !closed) {
        wait();
      }
      long end = System.nanoTime() + PAUSE.toNanos();
      long left = PAUSE.toMillis();
      while (!closed && left > 0) {
        wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException nobodyDoes) {
      closed = true;
    }
  }

  private void save() {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try {
      Files.createDirectories(path.resolveSibling("."));
      try (FileChannel out =
          FileChannel.open(
              fresh,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(encode(content.get()));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn("cannot write the peer store {}, peers learnt now may be forgotten: {}", path, e);
    }
  }

  private static String crc(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }
}
