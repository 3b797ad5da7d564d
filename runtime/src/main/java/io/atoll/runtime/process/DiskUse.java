package io.atoll.runtime.process;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

/// How much of the host's disk a run's work folder takes. To measure is to walk it: so the answer
/// may be old, by more the longer the walk takes.
final class DiskUse {
  private static final long FRESH = Duration.ofSeconds(2).toNanos();

  /// At most this part of the time is spent with walking.
  private static final int PAUSES_PER_WALK = 20;

  private final Path work;
  private long bytes;
  private long measuredAt;
  private long took = -1;

  DiskUse(Path work) {
    this.work = work;
  }

  /// 0 where the run has no folder of the host, but a piece of memory.
  synchronized long bytes() {
    long now = System.nanoTime();
    if (took < 0 || now - measuredAt > FRESH + took * PAUSES_PER_WALK) {
      bytes = measure(work);
      measuredAt = System.nanoTime();
      took = measuredAt - now;
    }
    return bytes;
  }

  static long measure(Path work) {
    long[] sum = {0};
    try {
      Files.walkFileTree(
          work,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              sum[0] += attributes.isRegularFile() ? attributes.size() : 0;
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE; // gone meanwhile, or not for us to see
            }
          });
    } catch (IOException e) {
      return sum[0]; // a folder that went away while we walked
    }
    return sum[0];
  }
}
