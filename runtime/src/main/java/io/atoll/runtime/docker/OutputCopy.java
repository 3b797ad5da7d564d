package io.atoll.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient.Response;
import io.atoll.core.term.OutputChunk.Stream;
import io.atoll.runtime.output.OutputWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies what a container writes into the run's folder, on a virtual thread of its own; the only
/// user of the writer.
///
/// Two sources. The attached stream, opened before the start, has every byte. Where it was not
/// there or broke, the engine's log is read from its beginning, and of each stream as many bytes
/// are passed over as the folder already holds.
final class OutputCopy {
  private static final Logger log = LoggerFactory.getLogger(OutputCopy.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final Duration END_OF_STREAM = Duration.ofSeconds(10);
  private static final Duration END_OF_LOG = Duration.ofMillis(300);

  private final Engine engine;
  private final String container;
  private final OutputWriter writer;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch attachedToTheEnd = new CountDownLatch(1);
  private @Nullable Thread thread;
  private volatile boolean gap;

  OutputCopy(Engine engine, String container, OutputWriter writer) {
    this.engine = engine;
    this.container = container;
    this.writer = writer;
  }

  /// Bytes in the folder.
  long written() {
    return writer.end();
  }

  /// @param attached open since before the start; null where that is long ago
  void begin(@Nullable Response attached) {
    gap = attached == null;
    thread =
        Thread.ofVirtual()
            .name("docker-output " + container)
            .start(
                () -> {
                  try {
                    copy(attached);
                  } catch (InterruptedException e) {
                    log.debug("the copy of {}'s output is ended", container);
                  }
                });
  }

  /// The connection to the engine broke: what was written since may be in the log alone.
  void engineWasGone() {
    gap = true;
  }

  /// To be called once the container has ended. On return its whole output is on the disk.
  void finish() throws EngineException, InterruptedException {
    ended.countDown();
    Thread copying = thread;
    if (copying != null) {
      copying.join(gap ? END_OF_LOG : END_OF_STREAM);
      if (copying.isAlive()) {
        gap = true;
        copying.interrupt();
        copying.join();
      }
    }
    if (gap || attachedToTheEnd.getCount() > 0) {
      copyLog(false);
    }
    untilWritten(writer::force);
  }

  /// Ends the copying, complete or not. The folder can be written by another afterwards.
  void close() throws InterruptedException {
    Thread copying = thread;
    if (copying != null) {
      copying.interrupt();
      copying.join();
    }
    try {
      writer.close();
    } catch (IOException e) {
      log.warn("could not close the output of container {}", container, e);
    }
  }

  private void copy(@Nullable Response attached) throws InterruptedException {
    if (attached != null) {
      copyAttached(attached);
      // Both streams end with the container, or the engine died, or the payload closed them.
      if (ended.await(END_OF_LOG.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    }
    Duration pause = Duration.ofMillis(20);
    while (ended.getCount() > 0) {
      try {
        copyLog(true);
      } catch (EngineException e) {
        log.debug("cannot follow the log of container {}: {}", container, e.said());
      }
      if (ended.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private void copyAttached(Response attached) throws InterruptedException {
    try (attached) {
      Frames frames = new Frames(attached.getBody());
      for (Frames.Frame frame = frames.next(); frame != null; frame = frames.next()) {
        Instant now = Instant.now();
        append(frame.stream(), now.getEpochSecond() * 1_000_000_000L + now.getNano(), frame.data());
      }
      attachedToTheEnd.countDown();
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      log.debug("the attached stream of container {} broke: {}", container, e.toString());
    }
  }

  /// Reads the log from its beginning and appends what the folder lacks.
  ///
  /// @param follow until the container ends or the connection does
  private void copyLog(boolean follow) throws EngineException, InterruptedException {
    String path =
        "/containers/"
            + container
            + "/logs?stdout=1&stderr=1&timestamps=1&tail=all&follow="
            + (follow ? "1" : "0");
    LogJoin out = new LogJoin(Stream.STDOUT);
    LogJoin err = new LogJoin(Stream.STDERR);
    try (Response response = engine.openWithin(Engine.SHORT, "GET", path)) {
      Frames frames = new Frames(response.getBody());
      for (Frames.Frame frame = frames.next(); frame != null; frame = frames.next()) {
        long time = Frames.takeTime(frame.data());
        (frame.stream() == Stream.STDOUT ? out : err).entry(time, frame.data());
      }
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      throw EngineException.noAnswer("the log of container " + container + " broke off", e);
    }
  }

  /// Puts the entries of one stream together again and passes over what is there.
  private final class LogJoin {
    /// How far the engine's clock reading may lie behind ours for the same bytes.
    private static final long SLACK_NANOS = 2_000_000_000L;

    private final Stream stream;
    private final long lastTime = writer.lastTime();
    private long left;
    private boolean open;
    private long openTime;

    LogJoin(Stream stream) {
      this.stream = stream;
      this.left = writer.written(stream);
    }

    void entry(long time, ByteBuffer data) throws InterruptedException {
      // The pieces of a line longer than 16 KiB bear one time. A piece without an end of line that
      // another time follows has lost its newline in the engine.
      if (open && time != openTime) {
        add(openTime, ByteBuffer.wrap(new byte[] {'\n'}));
      }
      open = data.hasRemaining() ? data.get(data.limit() - 1) != '\n' : open;
      openTime = time;
      add(time, data);
    }

    private void add(long time, ByteBuffer data) throws InterruptedException {
      if (left > 0 && time - lastTime > SLACK_NANOS) {
        // Newer than all that is there, and yet to be passed over: the log has lost its beginning.
        log.warn("container {} wrote more than its log keeps; some of it is lost", container);
        left = 0;
      }
      int passed = (int) Math.min(left, data.remaining());
      left -= passed;
      data.position(data.position() + passed);
      append(stream, time, data);
    }
  }

  private void append(Stream stream, long time, ByteBuffer data) throws InterruptedException {
    untilWritten(() -> writer.append(stream, time, data));
  }

  private interface Write {
    void run() throws IOException;
  }

  /// A full disk holds the payload up, and loses nothing.
  private void untilWritten(Write write) throws InterruptedException {
    boolean told = false;
    while (true) {
      try {
        write.run();
        return;
      } catch (IOException e) {
        if (!told) {
          log.warn(
              "cannot write the output of container {}; trying on: {}", container, e.toString());
          told = true;
        }
        Thread.sleep(1000);
      }
    }
  }
}
