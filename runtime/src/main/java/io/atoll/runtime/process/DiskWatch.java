package io.atoll.runtime.process;

import io.atoll.core.term.ByteSize;
import io.atoll.runtime.driver.DriverException;
import java.nio.file.Path;
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
      long size = DiskUse.measure(work);
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
