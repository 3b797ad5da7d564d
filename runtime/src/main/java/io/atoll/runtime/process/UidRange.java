package io.atoll.runtime.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The uids of payloads: one for each run until its folder is removed, from a block that no other
/// daemon of this machine uses and that no user has. Which block a daemon has is written in a
/// folder that all daemons share, by the path of its runs; it keeps the block over restarts, as
/// long as that path exists.
final class UidRange {
  private static final int FIRST = 2_000_000_000;
  static final int SIZE = 65_536;
  private static final int BLOCKS = 2_000;

  private final int base;
  private final Map<Integer, String> holders = new HashMap<>(); // guarded by this
  private int next; // guarded by this

  private UidRange(int base) {
    this.base = base;
  }

  /// @param owner the folder of the runs; exists
  static synchronized UidRange claim(Path shared, Path owner) throws IOException {
    Path folder = shared.resolve("uids");
    Files.createDirectories(folder);
    String mine = owner.toRealPath().toString();
    try (FileChannel channel =
            FileChannel.open(
                shared.resolve("uids.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      Map<Integer, String> claims = claims(folder);
      for (Map.Entry<Integer, String> claim : claims.entrySet()) {
        if (claim.getValue().equals(mine)) {
          return new UidRange(FIRST + claim.getKey() * SIZE);
        }
      }
      for (int block = 0; block < BLOCKS; block++) {
        String holder = claims.get(block);
        boolean free = holder == null || !Files.isDirectory(Path.of(holder));
        if (free && !taken(FIRST + block * SIZE)) {
          Files.writeString(folder.resolve(String.valueOf(block)), mine);
          return new UidRange(FIRST + block * SIZE);
        }
      }
      throw new IOException("no block of uids is free; see " + folder);
    }
  }

  private static Map<Integer, String> claims(Path folder) throws IOException {
    Map<Integer, String> claims = new HashMap<>();
    try (var files = Files.newDirectoryStream(folder, "[0-9]*")) {
      for (Path file : files) {
        claims.put(Integer.valueOf(String.valueOf(file.getFileName())), Files.readString(file));
      }
    }
    return claims;
  }

  /// Whether a user or a user's subordinate range lies in the block.
  private static boolean taken(int base) throws IOException {
    for (String line : lines(Path.of("/etc/passwd"))) {
      String[] fields = line.split(":");
      if (fields.length > 2 && overlaps(base, fields[2], "1")) {
        return true;
      }
    }
    for (String line : lines(Path.of("/etc/subuid"))) {
      String[] fields = line.split(":");
      if (fields.length > 2 && overlaps(base, fields[1], fields[2])) {
        return true;
      }
    }
    return false;
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private static boolean overlaps(int base, String first, String count) {
    try {
      long from = Long.parseLong(first.strip());
      return from < (long) base + SIZE && from + Long.parseLong(count.strip()) > base;
    } catch (NumberFormatException e) {
      return false; // no user
    }
  }

  /// A uid that no run has whose folder is still there.
  synchronized int take(String run) throws IOException {
    for (int i = 0; i < SIZE; i++) {
      int uid = base + (next + i) % SIZE;
      if (holders.putIfAbsent(uid, run) == null) {
        next = (uid - base + 1) % SIZE;
        return uid;
      }
    }
    throw new IOException("all " + SIZE + " uids are held by runs whose folders were not removed");
  }

  /// Says that a run found again has this uid.
  synchronized void hold(int uid, String run) {
    holders.put(uid, run);
  }

  /// Gives a uid back; no effect if the run does not have it any more.
  synchronized void release(int uid, String run) {
    holders.remove(uid, run);
  }
}
