package io.atoll.daemon.provider;

import io.atoll.core.term.Exit;
import io.atoll.core.term.OutputChunk;
import io.atoll.core.term.TaskId;
import io.atoll.market.activity.RunReport;
import io.atoll.market.deploy.DeployFrames;
import io.atoll.market.deploy.DeployProtocol;
import io.atoll.market.deploy.ToRequester;
import io.atoll.market.deploy.ToRequester.JobStatus;
import io.atoll.market.deploy.ToRequester.LogStderr;
import io.atoll.market.deploy.ToRequester.LogStdout;
import io.atoll.p2p.host.Stream;
import io.atoll.runtime.output.OutputRead;
import io.atoll.runtime.output.OutputReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// The provider's side of one stream of deployment requests: answers, and for each job a thread
/// that tells what becomes of it. A peer that does not read holds up its own stream, and nothing is
/// kept for it.
final class DeployStream implements AutoCloseable {
  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final OutputStream out;
  private final Runs runs;
  private final BooleanSupplier alive;
  private final ReentrantLock writing = new ReentrantLock();
  private final Map<TaskId, Thread> followers = new HashMap<>(); // of the reading thread alone

  /// @param alive whether the peer is connected
  DeployStream(Stream stream, Runs runs, BooleanSupplier alive) {
    this.out = new BufferedOutputStream(stream.out(), DeployProtocol.MAX_LOG);
    this.runs = runs;
    this.alive = alive;
  }

  void send(ToRequester message) throws IOException, InterruptedException {
    writing.lockInterruptibly();
    try {
      DeployFrames.write(out, message);
    } finally {
      writing.unlock();
    }
  }

  /// Tells of a job until its end, unless that is told already.
  void follow(Renter renter, RentedJob job, long offset) {
    Thread before = followers.get(job.task());
    if (before == null || !before.isAlive()) {
      followers.put(
          job.task(),
          Thread.ofVirtual().name("follow " + job.task()).start(() -> tell(renter, job, offset)));
    }
  }

  private void tell(Renter renter, RentedJob job, long offset) {
    try (OutputReader reader = OutputReader.open(runs.folder(job.run()))) {
      tell(renter, job, offset, reader);
    } catch (IOException e) {
      // the stream is gone: its reader sees the same end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(Renter renter, RentedJob job, long offset, OutputReader reader)
      throws IOException, InterruptedException {
    long at = offset;
    long seen = 0;
    long pause = 1;
    while (alive.getAsBoolean() && renter.open()) {
      // asked before reading: what was written before the end is then read
      RunReport report = job.report();
      boolean ended = job.ended();
      if (report != null && !ended && report.seq() > seen) {
        seen = report.seq();
        send(status(report));
      }
      switch (reader.read(at, DeployProtocol.MAX_LOG)) {
        case OutputRead.Chunks(List<OutputChunk> chunks) -> {
          for (OutputChunk chunk : chunks) {
            send(log(job.task(), chunk));
            at = chunk.end();
          }
          pause = 1;
        }
        case OutputRead.Dropped(long until) -> at = until;
        case OutputRead.Nothing() -> {
          if (report != null && ended) {
            send(status(report));
            return;
          }
          job.await(seen, pause);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
      }
    }
  }

  private static ToRequester log(TaskId job, OutputChunk chunk) {
    return switch (chunk.stream()) {
      case STDOUT -> new LogStdout(job, chunk.offset(), chunk.data());
      case STDERR -> new LogStderr(job, chunk.offset(), chunk.data());
    };
  }

  private static JobStatus status(RunReport report) {
    Exit exit = report.exit();
    return new JobStatus(
        report.run().task(),
        report.state().name(),
        report.detail(),
        report.endpoints(),
        exit == null ? null : exit.cause().name(),
        exit == null ? null : exit.code());
  }

  /// Waits until all is told: the peer asks nothing more, and may still read.
  void finish() throws InterruptedException {
    for (Thread follower : followers.values()) {
      follower.join();
    }
  }

  /// Tells nothing more.
  @Override
  public void close() throws InterruptedException {
    followers.values().forEach(Thread::interrupt);
    finish();
  }
}
