package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/// An open file or socket by its number, which is closed once, and only when no call uses it any
/// more: the system gives the number to the next one who opens something. It never blocks by
/// itself; who waits for it does so by [DescriptorIo], and closing wakes them.
public final class Descriptor implements AutoCloseable {
  private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;
  private static final int F_SETFD = 2;
  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  private static final int FD_CLOEXEC = 1;
  private static final int O_NONBLOCK = 0x800;
  private static final int CLOSED = 1 << 30;

  private final int number;
  private final int bell;

  /// How many calls use it, and whether it was closed.
  private final AtomicInteger users = new AtomicInteger();

  private Descriptor(int number, int bell) {
    this.number = number;
    this.bell = bell;
  }

  /// Owns a descriptor from now on, even where this fails.
  public static Descriptor own(int number) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int flags = (int) Libc.FCNTL.invokeExact(state, number, F_GETFL, 0);
      if (flags < 0
          || (int) Libc.FCNTL.invokeExact(state, number, F_SETFL, flags | O_NONBLOCK) < 0
          || (int) Libc.FCNTL.invokeExact(state, number, F_SETFD, FD_CLOEXEC) < 0) {
        int errno = Libc.errno(state);
        Libc.close(number);
        throw Libc.error("taking over descriptor " + number, errno);
      }
      int bell = (int) Libc.EVENTFD.invokeExact(state, 0, NONBLOCK_CLOEXEC);
      if (bell < 0) {
        int errno = Libc.errno(state);
        Libc.close(number);
        throw Libc.error("making an event descriptor", errno);
      }
      return new Descriptor(number, bell);
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  public boolean isOpen() {
    return (users.get() & CLOSED) == 0;
  }

  /// Whoever enters leaves again.
  ///
  /// @return the number, which is good until then
  int enter() throws ClosedChannelException {
    if ((users.incrementAndGet() & CLOSED) != 0) {
      leave();
      throw new ClosedChannelException();
    }
    return number;
  }

  void leave() {
    if (users.decrementAndGet() == CLOSED) {
      end();
    }
  }

  /// What becomes readable when this is closed. Only between `enter` and `leave`.
  int bell() {
    return bell;
  }

  @Override
  public void close() {
    int before = users.getAndUpdate(now -> (now & CLOSED) != 0 ? now : (now | CLOSED) + 1);
    if ((before & CLOSED) != 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(JAVA_LONG);
      one.set(JAVA_LONG, 0, 1);
      long _ = (long) Libc.WRITE.invokeExact(Libc.state(arena), bell, one.address(), 8L);
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
    leave();
  }

  private void end() {
    // Only one gets here: nobody can enter any more, and each who is refused comes and goes.
    if (users.compareAndSet(CLOSED, CLOSED | 1 << 29)) {
      Libc.close(number);
      Libc.close(bell);
    }
  }
}
