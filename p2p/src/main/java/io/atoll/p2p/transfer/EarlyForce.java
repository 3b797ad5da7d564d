package io.atoll.p2p.transfer;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/// Has what was written go to the disk while more comes, so that little is left for the last force.
/// One writer.
final class EarlyForce {
  private static final long STEP = 64L << 20;

  private final FileChannel channel;
  private long begun;
  private @Nullable Thread thread;
  private volatile @Nullable IOException failure;

  EarlyForce(FileChannel channel, long length) {
    this.channel = channel;
    this.begun = length;
  }

  void written(long length) {
    Thread last = thread;
    if (length - begun >= STEP && (last == null || !last.isAlive())) {
      begun = length;
      thread = Thread.ofPlatform().daemon().name("transfer-force").start(this::force);
    }
  }

  private void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      failure = e; // the system tells it once only
    }
  }

  /// Forces the rest.
  void finish() throws IOException, InterruptedException {
    join();
    IOException early = failure;
    if (early != null) {
      throw early;
    }
    channel.force(false);
  }

  /// Waits for what was begun, before the file is closed.
  void join() throws InterruptedException {
    if (thread != null) {
      thread.join();
    }
  }
}
