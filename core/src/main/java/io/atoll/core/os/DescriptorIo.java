package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/// What one thread at a time does with a descriptor. Nothing is allocated by a call, and none
/// blocks but the two that wait, which therefore belong on a platform thread. What comes back
/// below zero is an [Errno], negative.
public final class DescriptorIo {
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;

  private final Descriptor descriptor;
  private final MemorySegment state = Libc.state(Arena.ofAuto());
  private final MemorySegment polled = Arena.ofAuto().allocate(16, 8);

  public DescriptorIo(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  public Descriptor descriptor() {
    return descriptor;
  }

  /// @throws ClosedChannelException once the descriptor is closed, as all the others
  public long read(MemorySegment memory, long offset, long length) throws ClosedChannelException {
    long address = address(memory, offset, length);
    int number = descriptor.enter();
    try {
      long got = (long) Libc.READ.invokeExact(state, number, address, length);
      return got < 0 ? -Libc.errno(state) : got;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
      Reference.reachabilityFence(memory);
    }
  }

  public long write(MemorySegment memory, long offset, long length) throws ClosedChannelException {
    long address = address(memory, offset, length);
    int number = descriptor.enter();
    try {
      long put = (long) Libc.WRITE.invokeExact(state, number, address, length);
      return put < 0 ? -Libc.errno(state) : put;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
      Reference.reachabilityFence(memory);
    }
  }

  /// Sends one message.
  ///
  /// @return how many bytes were taken
  public long send(Messages messages, int index) throws ClosedChannelException {
    long address = messages.address(index, 1);
    int number = descriptor.enter();
    try {
      long sent = (long) Libc.SENDMSG.invokeExact(state, number, address, Messages.DONTWAIT);
      return sent < 0 ? -Libc.errno(state) : sent;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
      Reference.reachabilityFence(messages);
    }
  }

  /// Sends some messages in one call.
  ///
  /// @return how many were taken
  public int sendMany(Messages messages, int from, int count) throws ClosedChannelException {
    long address = messages.address(from, count);
    int number = descriptor.enter();
    try {
      int sent = (int) Libc.SENDMMSG.invokeExact(state, number, address, count, Messages.DONTWAIT);
      return sent < 0 ? -Libc.errno(state) : sent;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
      Reference.reachabilityFence(messages);
    }
  }

  /// Receives one message.
  ///
  /// @return its length
  public long receive(Messages messages, int index) throws ClosedChannelException {
    long address = messages.address(index, 1);
    int number = descriptor.enter();
    try {
      int flags = Messages.DONTWAIT | Messages.CLOSE_ON_EXEC;
      long got = (long) Libc.RECVMSG.invokeExact(state, number, address, flags);
      if (got < 0) {
        return -Libc.errno(state);
      }
      messages.length(index, (int) got);
      return got;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
      Reference.reachabilityFence(messages);
    }
  }

  /// Receives as many messages as are there, in one call.
  ///
  /// @return how many there were
  public int receiveMany(Messages messages, int count) throws ClosedChannelException {
    long address = messages.address(0, count);
    int number = descriptor.enter();
    try {
      int flags = Messages.DONTWAIT | Messages.CLOSE_ON_EXEC;
      int got = (int) Libc.RECVMMSG.invokeExact(state, number, address, count, flags, 0L);
      return got < 0 ? -Libc.errno(state) : got;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
      Reference.reachabilityFence(messages);
    }
  }

  /// Waits until there is something to read, or an error to be told.
  ///
  /// @param millis below zero: without end
  /// @return false if the time is over, or it was disturbed
  public boolean awaitReadable(int millis) throws IOException {
    return await(POLLIN, millis);
  }

  public boolean awaitWritable(int millis) throws IOException {
    return await(POLLOUT, millis);
  }

  private boolean await(short what, int millis) throws IOException {
    int number = descriptor.enter();
    try {
      polled.set(JAVA_INT, 0, number);
      polled.set(JAVA_SHORT, 4, what);
      polled.set(JAVA_SHORT, 6, (short) 0);
      polled.set(JAVA_INT, 8, descriptor.bell());
      polled.set(JAVA_SHORT, 12, POLLIN);
      polled.set(JAVA_SHORT, 14, (short) 0);
      int ready = (int) Libc.POLL.invokeExact(state, polled.address(), 2L, millis);
      if (ready < 0 && Libc.errno(state) != Libc.EINTR) {
        throw Libc.error("waiting for descriptor " + number, Libc.errno(state));
      }
      if (!descriptor.isOpen()) {
        throw new ClosedChannelException();
      }
      return ready > 0 && polled.get(JAVA_SHORT, 6) != 0;
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    } finally {
      descriptor.leave();
    }
  }

  private static long address(MemorySegment memory, long offset, long length) {
    Objects.checkFromIndexSize(offset, length, memory.byteSize());
    if (!memory.isNative()) {
      throw new IllegalArgumentException("the system reads and writes native memory only");
    }
    return memory.address() + offset;
  }
}
