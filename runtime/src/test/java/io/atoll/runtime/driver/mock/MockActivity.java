package io.atoll.runtime.driver.mock;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.term.Endpoint;
import io.atoll.core.term.Exit;
import io.atoll.core.term.RunId;
import io.atoll.runtime.driver.Activity;
import io.atoll.runtime.driver.ActivitySpec;
import io.atoll.runtime.driver.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A run that plays its script on the wall clock; time does not pass while it is suspended.
final class MockActivity implements Activity {
  private final MockMachine machine;
  private final ActivitySpec spec;
  private final MockScript script;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long left; // nanoseconds still to run; guarded by lock
  private boolean suspended; // guarded by lock
  private @Nullable Exit exit; // guarded by lock

  MockActivity(MockMachine machine, ActivitySpec spec, MockScript script) {
    this.machine = machine;
    this.spec = spec;
    this.script = script;
    this.left = script.runFor().toNanos();
  }

  void begin() throws IOException {
    write(spec.folder(), script.output());
    Thread.ofVirtual().name("mock-" + spec.id()).start(this::play);
  }

  private void play() {
    lock.lock();
    try {
      while (exit == null && left > 0) {
        if (suspended) {
          changed.awaitUninterruptibly();
        } else {
          long begin = System.nanoTime();
          try {
            changed.await(left, TimeUnit.NANOSECONDS);
          } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a mock", e);
          }
          left -= System.nanoTime() - begin;
        }
      }
      end(Exit.of(script.exitCode()));
    } finally {
      lock.unlock();
    }
  }

  private void end(Exit how) {
    if (exit == null) {
      exit = how;
      changed.signalAll();
    }
  }

  void lose() {
    lock.lock();
    try {
      end(Exit.lost("its supervisor was killed"));
    } finally {
      lock.unlock();
    }
  }

  boolean ended() {
    return state() == State.TERMINATED;
  }

  @Override
  public RunId id() {
    return spec.id();
  }

  @Override
  public State state() {
    lock.lock();
    try {
      return exit != null ? State.TERMINATED : suspended ? State.SUSPENDED : State.RUNNING;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<Endpoint> endpoints() {
    return script.endpoints();
  }

  @Override
  public Exit await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Exit end = exit;
      while (end == null) {
        changed.await();
        end = exit;
      }
      return end;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void stop(Duration grace) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      suspended = false;
      if (!script.ignoreTerm()) {
        end(new Exit(Exit.Cause.STOPPED, 143, ""));
      }
      changed.signalAll();
      long nanos = grace.toNanos();
      while (exit == null && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      end(new Exit(Exit.Cause.STOPPED, 137, ""));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void suspend() {
    setSuspended(true);
  }

  @Override
  public void resume() {
    setSuspended(false);
  }

  private void setSuspended(boolean value) {
    lock.lock();
    try {
      suspended = value;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Usage usage() {
    return new Usage(7_000_000, 1 << 20, 2 << 20, -1, script.output().getBytes(UTF_8).length);
  }

  @Override
  public void destroy() throws InterruptedException {
    stop(Duration.ZERO);
    machine.activities.remove(spec.id());
    try {
      Files.deleteIfExists(spec.folder().resolve("out.0"));
      Files.deleteIfExists(spec.folder());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path folder, String text) throws IOException {
    byte[] data = text.getBytes(UTF_8);
    if (data.length == 0) {
      return;
    }
    Instant now = Instant.now();
    ByteBuffer head = ByteBuffer.allocate(24 + data.length);
    head.putLong(0).putLong(now.getEpochSecond() * 1_000_000_000 + now.getNano());
    head.put((byte) 1).put(new byte[3]).putInt(data.length).put(data);
    Files.write(folder.resolve("out.0"), head.array());
  }
}
