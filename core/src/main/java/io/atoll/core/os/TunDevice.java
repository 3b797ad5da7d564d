package io.atoll.core.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A network interface whose packets this process reads and writes, in the network namespace of the
/// thread that opened it. It is gone when the last descriptor of it is closed.
///
/// @param header whether each packet has a `virtio_net_hdr` before it
public record TunDevice(Descriptor descriptor, String name, boolean header) {
  /// Sums of packets may be left to be done, in both directions.
  public static final int CHECKSUM = 1;

  public static final int TSO4 = 2;
  public static final int TSO6 = 4;
  public static final int USO4 = 0x20;
  public static final int USO6 = 0x40;

  private static final String DEVICE = "/dev/net/tun";
  private static final int O_RDWR_CLOEXEC = 2 | 0x80000;
  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNSETOFFLOAD = 0x400454d0L;
  private static final long TUNGETFEATURES = 0x800454cfL;
  private static final long TUNGETIFF = 0x800454d2L;
  private static final int IFF_TUN = 1;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;
  private static final int REQUEST = 40;
  private static final int MAX_NAME = 15;

  /// Null if there are such devices here; otherwise what is in the way. Makes none.
  public static @Nullable String missing() {
    String nothing = Native.missing();
    if (nothing != null) {
      return nothing;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int fd = device(state, arena);
      MemorySegment features = arena.allocate(JAVA_INT);
      int asked = (int) Libc.IOCTL.invokeExact(state, fd, TUNGETFEATURES, features);
      int errno = Libc.errno(state);
      Libc.close(fd);
      if (asked != 0) {
        return Libc.error("asking " + DEVICE, errno).getMessage();
      }
      return (features.get(JAVA_INT, 0) & IFF_TUN) != 0 ? null : DEVICE + " makes no TUN devices";
    } catch (IOException e) {
      return e.getMessage();
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// @param name of at most 15 characters; with `%d` in it the system chooses a number
  /// @param header whether to ask for one; some kernels refuse
  public static TunDevice open(String name, boolean header) throws IOException {
    if (name.isEmpty() || name.length() > MAX_NAME || !name.matches("[\\w.%-]+")) {
      throw new IOException(
          "making a network interface: '" + name + "' is no name for one of 1 to 15 characters");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int fd = device(state, arena);
      MemorySegment request = arena.allocate(REQUEST, 8);
      MemorySegment.copy(name.getBytes(US_ASCII), 0, request, JAVA_BYTE, 0, name.length());
      int flags = IFF_TUN | IFF_NO_PI | (header ? IFF_VNET_HDR : 0);
      request.set(JAVA_SHORT, 16, (short) flags);
      int made = (int) Libc.IOCTL.invokeExact(state, fd, TUNSETIFF, request);
      if (made != 0) {
        int errno = Libc.errno(state);
        Libc.close(fd);
        throw Libc.error(
            "making the network interface "
                + name
                + " (this takes CAP_NET_ADMIN in its namespace, and a name that is free)",
            errno);
      }
      return new TunDevice(Descriptor.own(fd), request.getString(0), header);
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// A device that somebody else opened, whose descriptor was handed to us and is ours from now on.
  public static TunDevice received(Descriptor descriptor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      MemorySegment request = arena.allocate(REQUEST, 8);
      int number = descriptor.enter();
      try {
        if ((int) Libc.IOCTL.invokeExact(state, number, TUNGETIFF, request) != 0) {
          throw Libc.error("asking a descriptor for its TUN device", Libc.errno(state));
        }
      } finally {
        descriptor.leave();
      }
      int flags = request.get(JAVA_SHORT, 16);
      if ((flags & (IFF_TUN | IFF_NO_PI)) != (IFF_TUN | IFF_NO_PI)) {
        throw new IOException("the device that was handed over is no TUN without packet info");
      }
      return new TunDevice(descriptor, request.getString(0), (flags & IFF_VNET_HDR) != 0);
    } catch (IOException e) {
      descriptor.close();
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  /// Says what of the kernel's work this process takes over.
  ///
  /// @return whether the kernel knows all of it; if not, nothing has changed
  public boolean offload(int what) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = Libc.state(arena);
      int number = descriptor.enter();
      try {
        return (int) Libc.IOCTL_VALUE.invokeExact(state, number, TUNSETOFFLOAD, (long) what) == 0;
      } finally {
        descriptor.leave();
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }

  private static int device(MemorySegment state, Arena arena) throws IOException {
    try {
      MemorySegment path = arena.allocateFrom(DEVICE);
      int fd = (int) Libc.OPEN.invokeExact(state, path, O_RDWR_CLOEXEC);
      if (fd < 0) {
        throw Libc.error("opening " + DEVICE, Libc.errno(state));
      }
      return fd;
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw Libc.failed(t);
    }
  }
}
