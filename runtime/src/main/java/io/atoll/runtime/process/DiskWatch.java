package io.atoll.runtime.process;

import io.atoll.core.term.ByteSize;
import io.atoll.runtime.driver.DriverException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

/// Stops a run whose work folder holds more than it may. Looks every second, so that a run can
/// pass its limit for a moment; no single file can, that limit is the kernel's.
final class DiskWatch {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofSeconds(5);

  private DiskWatch() {}

  static void begin(ProcessActivity activity, Path work, long limit) {
    Thread.ofVirtual()
        .name("disk-" + activity.id())
        .start(
            () -> {
              try {
                watch(activity, work, limit);
              } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
              }
            });
  }

  private static void watch(ProcessActivity activity, Path work, long limit)
      throws InterruptedException {
    while (!activity.awaitEnd(INTERVAL)) {
      long size = size(work);
      if (size > limit) {
        try {
          activity.stop(
              GRACE,
              "it used "
                  + ByteSize.format(size)
                  + " of disk; its limit is "
                  + ByteSize.format(limit));
        } catch (DriverException e) {
          // It hangs: look, and try, again.
        }
      }
    }
  }

  private static long size(Path work) {
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
