package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/// An echo request by a socket that users may have (icmp(7)): the system makes its number and sum,
/// and gives back only the answers to it.
public final class EchoSocket {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int ICMP = 1;
  private static final int ICMP6 = 58;
  private static final byte ECHO_4 = 8;
  private static final byte ECHO_6 = (byte) 128;
  private static final byte REPLY_4 = 0;
  private static final byte REPLY_6 = (byte) 129;
  private static final short READABLE = 1;
  private static final int HEADER = 8;
  private static final int LONGEST = 65_507;

  private EchoSocket() {}

  /// Asks, and waits for the answer; holds the thread meanwhile.
  ///
  /// @param number the sequence number
  /// @return whether it came in time
  /// @throws IOException if this user may not, or there is no way there
  public static boolean ask(InetAddress of, int number, byte[] body, Duration patience)
      throws IOException {
    boolean four = of instanceof Inet4Address;
    String what = "asking " + of.getHostAddress() + " for an echo";
    if (body.length > LONGEST) {
      throw new IOException(what + ": " + body.length + " bytes are too many");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int fd =
          (int)
              Libc.SOCKET.invokeExact(
                  state, four ? AF_INET : AF_INET6, DGRAM_CLOEXEC, four ? ICMP : ICMP6);
      if (fd < 0) {
        throw Libc.error(what, Libc.errno(state));
      }
      try {
        MemorySegment name = arena.allocate(SocketName.ROOM, 8);
        int length = SocketName.write(name, 0, new InetSocketAddress(of, 0), !four);
        if ((int) Libc.CONNECT.invokeExact(state, fd, name, length) != 0) {
          throw Libc.error(what, Libc.errno(state));
        }
        MemorySegment message = arena.allocate(HEADER + Math.max(1, body.length), 8);
        message.set(JAVA_BYTE, 0, four ? ECHO_4 : ECHO_6);
        message.set(JAVA_BYTE, 6, (byte) (number >>> 8));
        message.set(JAVA_BYTE, 7, (byte) number);
        MemorySegment.copy(body, 0, message, JAVA_BYTE, HEADER, body.length);
        long size = HEADER + (long) body.length;
        if ((long) Libc.WRITE.invokeExact(state, fd, message.address(), size) < 0) {
          throw Libc.error(what, Libc.errno(state));
        }
        return await(state, arena, fd, message, four ? REPLY_4 : REPLY_6, patience);
      } finally {
        Libc.close(fd);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private static boolean await(
      MemorySegment state,
      Arena arena,
      int fd,
      MemorySegment message,
      byte reply,
      Duration patience)
      throws Throwable {
    MemorySegment poll = arena.allocate(8, 8);
    poll.set(JAVA_INT, 0, fd);
    poll.set(JAVA_SHORT, 4, READABLE);
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      int left = (int) Math.max(0, (end - System.nanoTime()) / 1_000_000);
      int ready = (int) Libc.POLL.invokeExact(state, poll.address(), 1L, left);
      if (ready <= 0) {
        return false;
      }
      long size = message.byteSize();
      long count = (long) Libc.READ.invokeExact(state, fd, message.address(), size);
      if (count < 0) {
        return false; // There is no way to it, somebody said.
      }
      if (count >= HEADER && message.get(JAVA_BYTE, 0) == reply) {
        return true;
      }
    }
  }
}
