package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.machine.PeerMachine;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs an engine whenever something is due, on a thread of its own.
public final class EngineThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EngineThread.class);

  /// Timers of packets are set by other threads, which wake this one only for what comes earlier
  /// than planned; this bounds what a lost wake-up would cost.
  private static final long LONGEST_SLEEP = TimeUnit.SECONDS.toNanos(5);

  private final Engine engine;
  private final EngineClock clock;
  private final Thread thread;
  private volatile boolean closed;

  private EngineThread(Engine engine, EngineClock clock) {
    this.engine = engine;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("wireguard").unstarted(this::runAll);
  }

  public static EngineThread start(Engine engine, EngineClock clock) {
    EngineThread runner = new EngineThread(engine, clock);
    engine.waker(() -> LockSupport.unpark(runner.thread));
    runner.thread.start();
    return runner;
  }

  private void runAll() {
    while (!closed) {
      try {
        long next = engine.run();
        long sleep =
            next == PeerMachine.NEVER
                ? LONGEST_SLEEP
                : Math.min(next - clock.nanos(), LONGEST_SLEEP);
        if (sleep > 0) {
          LockSupport.parkNanos(this, sleep);
        }
      } catch (RuntimeException e) {
        // One message or peer must not end the sessions of all.
        log.warn("WireGuard: {}", e.toString(), e);
        LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }

  /// Stops the thread; the engine stays as it is.
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
