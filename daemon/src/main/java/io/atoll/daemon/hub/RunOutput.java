package io.atoll.daemon.hub;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.RunId;
import io.atoll.market.activity.OutputFrame;
import io.atoll.p2p.host.Host;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Reads the output of one run from its provider. A follower survives a lost connection: it waits
/// for the provider to return and goes on where it was, unless the run was given up; another reader
/// is told UNREACHABLE.
final class RunOutput implements HubApi.Output {
  private static final long PAUSE_MILLIS = 200;
  private static final long SHORT_PAUSE_MILLIS = 5;

  private final Host host;
  private final PeerId node;
  private final RunId run;
  private final boolean follow;
  private final BooleanSupplier closed;
  private long offset;
  private @Nullable FrameFeed feed;
  private boolean ended;

  /// @param closed whether the hub has closed the run: then its provider has all of its output, or
  ///     nobody has
  RunOutput(
      Host host, PeerId node, RunId run, long offset, boolean follow, BooleanSupplier closed) {
    this.closed = closed;
    this.host = host;
    this.node = node;
    this.run = run;
    this.offset = offset;
    this.follow = follow;
  }

  @Override
  public HubApi.OutputPart next(Duration wait) throws IOException, InterruptedException {
    if (ended) {
      return new HubApi.OutputPart.End();
    }
    long deadline = System.nanoTime() + wait.toNanos();
    while (true) {
      try {
        long left = Math.max(0, deadline - System.nanoTime());
        switch (opened().poll(Duration.ofNanos(left))) {
          case null -> {
            return new HubApi.OutputPart.Nothing();
          }
          case OutputFrame.Chunk(var chunk) -> {
            offset = chunk.end();
            return new HubApi.OutputPart.Chunk(chunk);
          }
          case OutputFrame.Dropped(long from, long until) -> {
            offset = until;
            return new HubApi.OutputPart.Dropped(from, until);
          }
          case OutputFrame.Nothing() -> {}
          case OutputFrame.End() -> {
            ended = true;
            close();
            return new HubApi.OutputPart.End();
          }
          case OutputFrame.Failed(String code, String message, String hint) -> {
            close();
            if (closed.getAsBoolean()) {
              throw new AtollException(code(code), message, hint);
            }
            if (!follow) {
              return new HubApi.OutputPart.End();
            }
            Thread.sleep(SHORT_PAUSE_MILLIS); // the order is still on its way
          }
        }
      } catch (IOException e) {
        close();
        if (!follow || closed.getAsBoolean()) {
          throw new AtollException(
              ErrorCode.UNREACHABLE,
              "the output of " + run + " is on node " + node + ", which is not connected",
              "try again when it is back: `atoll node list`",
              e);
        }
        Thread.sleep(PAUSE_MILLIS);
      }
      if (System.nanoTime() >= deadline) {
        return new HubApi.OutputPart.Nothing();
      }
    }
  }

  private FrameFeed opened() {
    FrameFeed current = feed;
    if (current == null) {
      current = new FrameFeed(host, node, new OutputFrame.Request(run, offset, follow));
      feed = current;
    }
    return current;
  }

  private static ErrorCode code(String text) {
    try {
      return ErrorCode.valueOf(text);
    } catch (IllegalArgumentException e) {
      return ErrorCode.INTERNAL;
    }
  }

  @Override
  public void close() {
    FrameFeed open = feed;
    feed = null;
    if (open != null) {
      open.close();
    }
  }
}
