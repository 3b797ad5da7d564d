package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// A bound UDP socket as a descriptor, in the network namespace of the thread that opens it.
///
/// @param six whether it is one of IPv6, which serves IPv4 as well
public record UdpDescriptor(Descriptor descriptor, InetSocketAddress address, boolean six) {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDBUF = 7;
  private static final int SO_RCVBUF = 8;
  private static final int SO_SNDBUFFORCE = 32;
  private static final int SO_RCVBUFFORCE = 33;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int SOL_UDP = 17;
  private static final int UDP_SEGMENT = 103;
  private static final int UDP_GRO = 104;

  /// @param buffers of the system, in bytes; it may grant less
  public static UdpDescriptor bind(InetSocketAddress wanted, int buffers) throws IOException {
    boolean six = !(wanted.getAddress() instanceof Inet4Address);
    String what = "binding UDP " + wanted;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int fd = (int) Libc.SOCKET.invokeExact(state, six ? AF_INET6 : AF_INET, DGRAM_CLOEXEC, 0);
      if (fd < 0) {
        throw Libc.error(what, Libc.errno(state));
      }
      Descriptor descriptor = Descriptor.own(fd);
      try {
        // By force beyond what the system grants everybody, which root may: a few joined messages
        // fill that, and what comes meanwhile is lost.
        if (!option(state, arena, fd, SOL_SOCKET, SO_SNDBUFFORCE, buffers)) {
          option(state, arena, fd, SOL_SOCKET, SO_SNDBUF, buffers);
        }
        if (!option(state, arena, fd, SOL_SOCKET, SO_RCVBUFFORCE, buffers)) {
          option(state, arena, fd, SOL_SOCKET, SO_RCVBUF, buffers);
        }
        if (six) {
          option(state, arena, fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
        }
        MemorySegment name = arena.allocate(SocketName.ROOM, 8);
        int length = SocketName.write(name, 0, wanted, six);
        if (length < 0) {
          throw new IOException(what + ": the host is not known");
        }
        if ((int) Libc.BIND.invokeExact(state, fd, name, length) != 0) {
          throw Libc.error(what, Libc.errno(state));
        }
        return new UdpDescriptor(descriptor, bound(state, arena, fd, what), six);
      } catch (Throwable t) {
        descriptor.close();
        throw t;
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// Whether the system cuts one message into many datagrams; found by asking it.
  public boolean segments() {
    return set(SOL_UDP, UDP_SEGMENT, 0);
  }

  /// Has the system put together what comes from one sender, if it can.
  public boolean joinReceived() {
    return set(SOL_UDP, UDP_GRO, 1);
  }

  private boolean set(int level, int option, int value) {
    try (Arena arena = Arena.ofConfined()) {
      int number = descriptor.enter();
      try {
        return option(Libc.state(arena), arena, number, level, option, value);
      } finally {
        descriptor.leave();
      }
    } catch (IOException closed) {
      return false;
    }
  }

  private static boolean option(
      MemorySegment state, Arena arena, int fd, int level, int option, int value) {
    try {
      MemorySegment number = arena.allocateFrom(JAVA_INT, value);
      return (int) Libc.SETSOCKOPT.invokeExact(state, fd, level, option, number, 4) == 0;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private static InetSocketAddress bound(MemorySegment state, Arena arena, int fd, String what)
      throws Throwable {
    MemorySegment name = arena.allocate(SocketName.ROOM, 8);
    MemorySegment length = arena.allocateFrom(JAVA_INT, SocketName.ROOM);
    if ((int) Libc.GETSOCKNAME.invokeExact(state, fd, name, length) != 0) {
      throw Libc.error(what, Libc.errno(state));
    }
    @Nullable InetSocketAddress address = SocketName.read(name, 0, length.get(JAVA_INT, 0));
    if (address == null) {
      throw new IOException(what + ": the system names no address");
    }
    return address;
  }
}
