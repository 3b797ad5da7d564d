package io.atoll.client.copy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.LongConsumer;

/// One copy: a source and a target, each on a thread of its own, and a pipe between them.
public final class Transfer {
  /// For an end in good order once it was asked to stop.
  private static final Duration GRACE = Duration.ofSeconds(3);

  private final Source source;
  private final Target target;
  private final LongConsumer progress;

  /// @param progress is told how many bytes have passed, from another thread
  public Transfer(Source source, Target target, LongConsumer progress) {
    this.source = source;
    this.target = target;
    this.progress = progress;
  }

  /// The target does not read any more: nothing of the source's doing.
  private static final class NotTaken extends IOException {
    private static final long serialVersionUID = 1;

    private NotTaken(IOException cause) {
      super(cause);
    }
  }

  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /// Returns once everything was taken. Of two failures the source's is told: the target's follows
  /// from it.
  public void run() throws InterruptedException {
    Pipe pipe = opened();
    FutureTask<Void> giving = work(() -> give(pipe));
    FutureTask<Void> taking = work(() -> take(pipe));
    Thread giver = Thread.ofVirtual().name("copy from").start(giving);
    Thread taker = Thread.ofVirtual().name("copy to").start(taking);
    try {
      taker.join();
      giver.join();
    } catch (InterruptedException e) {
      source.stop();
      target.stop();
      for (Thread thread : new Thread[] {taker, giver}) {
        if (!thread.join(GRACE)) {
          thread.interrupt();
          thread.join(GRACE);
        }
      }
      throw e;
    }
    Throwable ofSource = failure(giving);
    Throwable ofTarget = failure(taking);
    Throwable told = ofSource == null || ofSource instanceof NotTaken ? ofTarget : ofSource;
    switch (told) {
      case null -> {}
      case AtollException e -> throw e;
      case InterruptedException e -> throw e;
      case UncheckedIOException e -> throw e;
      default ->
          throw new AtollException(
              ErrorCode.INTERNAL, "the copy broke off: " + told.getMessage(), "copy again", told);
    }
  }

  private static Pipe opened() {
    try {
      return Pipe.open();
    } catch (IOException e) {
      throw new AtollException(
          ErrorCode.INTERNAL, "no pipe: " + e.getMessage(), "are too many files open?", e);
    }
  }

  private static FutureTask<Void> work(Work work) {
    return new FutureTask<>(
        () -> {
          work.run();
          return null;
        });
  }

  private void give(Pipe pipe) throws IOException, InterruptedException {
    try (OutputStream sink = new Sink(Channels.newOutputStream(pipe.sink()))) {
      source.give(sink);
    }
  }

  private void take(Pipe pipe) throws IOException, InterruptedException {
    try (InputStream tar = new Counted(Channels.newInputStream(pipe.source()))) {
      target.take(tar);
    }
  }

  private static @org.jspecify.annotations.Nullable Throwable failure(FutureTask<Void> work)
      throws InterruptedException {
    try {
      work.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private static final class Sink extends FilterOutputStream {
    Sink(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new NotTaken(e);
      }
    }
  }

  private final class Counted extends FilterInputStream {
    private long passed;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int n = in.read(into, offset, length);
      if (n > 0) {
        passed += n;
        progress.accept(passed);
      }
      return n;
    }
  }
}
