package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.InetAddress;

/// Settings of one network interface, in the network namespace of the thread that opens this.
public final class LinkControl implements AutoCloseable {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int DGRAM_CLOEXEC = 2 | 0x80000;
  private static final long GET_FLAGS = 0x8913;
  private static final long SET_FLAGS = 0x8914;
  private static final long SET_ADDRESS = 0x8916;
  private static final long SET_MASK = 0x891c;
  private static final long GET_MTU = 0x8921;
  private static final long SET_MTU = 0x8922;
  private static final long GET_INDEX = 0x8933;
  private static final long SET_QUEUE = 0x8943;
  private static final int UP_RUNNING = 0x41;
  private static final int REQUEST = 40;
  private static final int MAX_NAME = 15;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = Libc.state(arena);
  private final String name;
  private final int socket;

  private LinkControl(String name) throws IOException {
    this.name = name;
    try {
      this.socket = (int) Libc.SOCKET.invokeExact(state, AF_INET, DGRAM_CLOEXEC, 0);
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
    if (socket < 0) {
      int errno = Libc.errno(state);
      arena.close();
      throw Libc.error("opening a socket to set up " + name, errno);
    }
  }

  /// Used by one thread.
  public static LinkControl open(String name) throws IOException {
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IOException("'" + name + "' is no name of a network interface");
    }
    return new LinkControl(name);
  }

  public int mtu() throws IOException {
    return call("asking for the MTU", GET_MTU, request()).get(JAVA_INT, 16);
  }

  public void mtu(int bytes) throws IOException {
    MemorySegment request = request();
    request.set(JAVA_INT, 16, bytes);
    call("setting the MTU to " + bytes, SET_MTU, request);
  }

  /// How many packets may wait for whoever reads the device; what comes beyond is lost.
  public void queue(int packets) throws IOException {
    MemorySegment request = request();
    request.set(JAVA_INT, 16, packets);
    call("setting its queue to " + packets, SET_QUEUE, request);
  }

  public void up() throws IOException {
    MemorySegment request = call("asking for the flags", GET_FLAGS, request());
    request.set(JAVA_SHORT, 16, (short) (request.get(JAVA_SHORT, 16) | UP_RUNNING));
    call("bringing it up", SET_FLAGS, request);
  }

  /// Gives the interface an address; one of IPv4 replaces the one it had.
  public void address(InetAddress address, int prefix) throws IOException {
    String what = "giving it the address " + address.getHostAddress() + "/" + prefix;
    if (address instanceof Inet4Address) {
      call(what, SET_ADDRESS, request(address.getAddress()));
      int mask = prefix == 0 ? 0 : -1 << (32 - prefix);
      byte[] bytes = {(byte) (mask >> 24), (byte) (mask >> 16), (byte) (mask >> 8), (byte) mask};
      call(what, SET_MASK, request(bytes));
      return;
    }
    int index = call("asking for the index", GET_INDEX, request()).get(JAVA_INT, 16);
    MemorySegment request = arena.allocate(24, 8);
    MemorySegment.copy(address.getAddress(), 0, request, JAVA_BYTE, 0, 16);
    request.set(JAVA_INT, 16, prefix);
    request.set(JAVA_INT, 20, index);
    try {
      int six = (int) Libc.SOCKET.invokeExact(state, AF_INET6, DGRAM_CLOEXEC, 0);
      if (six < 0) {
        throw error(what);
      }
      int done = (int) Libc.IOCTL.invokeExact(state, six, SET_ADDRESS, request);
      int errno = Libc.errno(state);
      Libc.close(six);
      if (done != 0) {
        throw Libc.error(name + ": " + what, errno);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private MemorySegment request() {
    MemorySegment request = arena.allocate(REQUEST, 8);
    MemorySegment.copy(name.getBytes(US_ASCII), 0, request, JAVA_BYTE, 0, name.length());
    return request;
  }

  private MemorySegment request(byte[] address) {
    MemorySegment request = request();
    request.set(JAVA_SHORT, 16, (short) AF_INET);
    MemorySegment.copy(address, 0, request, JAVA_BYTE, 20, 4);
    return request;
  }

  private MemorySegment call(String what, long request, MemorySegment with) throws IOException {
    try {
      if ((int) Libc.IOCTL.invokeExact(state, socket, request, with) != 0) {
        throw error(what);
      }
      return with;
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private IOException error(String what) {
    return Libc.error("network interface " + name + ": " + what, Libc.errno(state));
  }

  @Override
  public void close() {
    Libc.close(socket);
    arena.close();
  }
}
