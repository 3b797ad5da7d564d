package io.atoll.client.cli;

import io.atoll.core.term.ByteSize;
import java.io.PrintStream;

/// One line on standard error that is written over and over, where a person watches; elsewhere
/// nothing. Any thread.
public final class ProgressBar implements AutoCloseable {
  private static final int CELLS = 24;
  private static final long APART_NANOS = 100_000_000;

  private final PrintStream err;
  private final boolean shown;
  private long last;
  private boolean drawn;

  public ProgressBar(Context context) {
    this.err = context.terminal().err();
    this.shown = context.terminal().errIsTty() && !context.quiet();
  }

  /// @param total 0 if it is not known
  public void at(String phase, long done, long total) {
    long now = System.nanoTime();
    synchronized (err) {
      if (!shown || (drawn && now - last < APART_NANOS && done != total)) {
        return;
      }
      last = now;
      drawn = true;
      err.print("\r" + line(phase, done, total) + "\u001b[K");
      err.flush();
    }
  }

  static String line(String phase, long done, long total) {
    if (total <= 0) {
      return phase + " " + ByteSize.format(done);
    }
    int full = (int) Math.clamp(CELLS * (double) done / total, 0, CELLS);
    return "%s [%s%s] %d%% %s of %s"
        .formatted(
            phase,
            "#".repeat(full),
            "-".repeat(CELLS - full),
            Math.clamp((long) (100.0 * done / total), 0, 100),
            ByteSize.format(done),
            ByteSize.format(total));
  }

  @Override
  public void close() {
    synchronized (err) {
      if (drawn) {
        err.print("\r\u001b[K");
        err.flush();
        drawn = false;
      }
    }
  }
}
