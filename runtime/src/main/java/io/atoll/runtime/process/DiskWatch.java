package io.atoll.runtime.process;

import io.atoll.core.term.ByteSize;
import io.atoll.runtime.driver.DriverException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Stops a run whose folders hold more than they may. Looks every second, so that a run can
/// pass its limit for a moment; no single file can, that limit is the kernel's.
final class DiskWatch {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration GRACE = Duration.ofSeconds(5);

  private DiskWatch() {}

  static void begin(ProcessActivity activity, List<Path> folders, long limit) {
    Thread.ofVirtual()
        .name("disk-" + activity.id())
        .start(
            () -> {
              try {
                watch(activity, folders, limit);
              } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
              }
            });
  }

  private static void watch(ProcessActivity activity, List<Path> folders, long limit)
      throws InterruptedException {
    while (!activity.awaitEnd(INTERVAL)) {
      long size = folders.stream().mapToLong(DiskUse::measure).sum();
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
}
