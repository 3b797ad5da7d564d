package io.atoll.vpn.port;

import io.atoll.core.os.DescriptorIo;
import io.atoll.core.os.Errno;
import io.atoll.core.os.TunDevice;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The packets of a TUN device, with as many offloads as the kernel grants. It is asked for all of
/// them when the port is made, then for less and less; and what it has granted but refuses when it
/// comes to it (`EINVAL`, `EIO`: such kernels exist) is done here from then on, without a loss.
public final class TunPort implements PacketPort, Offloading, Counted {
  private static final Logger log = LoggerFactory.getLogger(TunPort.class);

  /// How many (super-)packets should be able to wait in a device. A thousand connections that begin
  /// at once send one each, and of what the usual 500 have no room for, each sender hears nothing
  /// until its own timer tells.
  public static final int QUEUE = 4096;

  /// What kernels know, from the newest to the oldest.
  private static final List<Set<Offload>> OFFERS =
      List.of(
          EnumSet.allOf(Offload.class),
          EnumSet.of(Offload.CHECKSUM, Offload.TSO4, Offload.TSO6),
          EnumSet.of(Offload.CHECKSUM, Offload.TSO4),
          EnumSet.of(Offload.CHECKSUM));

  private final TunDevice device;
  private final int mtu;
  private final DescriptorIo reading;
  private final DescriptorIo writing;
  private final PortMeter meter = new PortMeter();
  private volatile Set<Offload> offloads;

  /// Who sends holds this.
  private final ReentrantLock sending = new ReentrantLock();

  private final Splitter splitter = new Splitter(Link.IP);
  private final EntryClaims claims = new EntryClaims(Link.IP);

  private TunPort(TunDevice device, int mtu, Set<Offload> offloads) {
    this.device = device;
    this.mtu = mtu;
    this.offloads = offloads;
    this.reading = new DescriptorIo(device.descriptor());
    this.writing = new DescriptorIo(device.descriptor());
  }

  /// Makes a device in the network namespace of this thread. It has no address yet and is down.
  ///
  /// @param mtu what the device has, or will have: this does not set it
  /// @param wanted the most that the kernel is asked for; without any there is no header either
  public static TunPort open(String name, int mtu, Set<Offload> wanted) throws IOException {
    if (wanted.isEmpty()) {
      return of(TunDevice.open(name, false), mtu, wanted);
    }
    TunDevice device;
    try {
      device = TunDevice.open(name, true);
    } catch (IOException refused) {
      // It may be the header; whatever else it is, the second try says so again.
      device = TunDevice.open(name, false);
      log.info("{}: the kernel gives no header ({})", name, refused.getMessage());
    }
    return of(device, mtu, wanted);
  }

  public static TunPort open(String name, int mtu) throws IOException {
    return open(name, mtu, EnumSet.allOf(Offload.class));
  }

  /// A device that is open already, such as one that was handed over; it is the port's from now on.
  public static TunPort of(TunDevice device, int mtu, Set<Offload> wanted) throws IOException {
    try {
      return new TunPort(device, mtu, device.header() ? granted(device, wanted) : Set.of());
    } catch (IOException e) {
      device.descriptor().close();
      throw e;
    }
  }

  private static Set<Offload> granted(TunDevice device, Set<Offload> wanted) throws IOException {
    for (Set<Offload> offer : OFFERS) {
      Set<Offload> asked = EnumSet.copyOf(offer);
      asked.retainAll(wanted);
      // Without sums nothing can be cut.
      if (asked.contains(Offload.CHECKSUM) && device.offload(Offload.flags(asked))) {
        return Collections.unmodifiableSet(asked);
      }
    }
    device.offload(0);
    return Set.of();
  }

  public String name() {
    return device.name();
  }

  @Override
  public Link link() {
    return Link.IP;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public Set<Offload> offloads() {
    return offloads;
  }

  @Override
  public PortCounters counters() {
    return meter.counters();
  }

  @Override
  public int receive(PacketBatch into) throws IOException {
    int before = device.header() ? VirtioHeader.BYTES : 0;
    into.clear();
    long bytes = 0;
    int dropped = 0;
    while (true) {
      int at = into.place(PacketBatch.LONGEST);
      if (at < 0) {
        break;
      }
      long got = reading.read(into.memory(), at - before, PacketBatch.LONGEST + before);
      if (got < 0) {
        if (into.count() > 0 || dropped > 0) {
          break;
        }
        awaitPacket((int) -got);
        continue;
      }
      int length = (int) got - before;
      if (device.header() ? VirtioHeader.read(into, at, length) : plain(into, at, length)) {
        bytes += length;
      } else {
        dropped++;
      }
    }
    meter.received(into.count(), bytes);
    if (dropped > 0) {
      meter.receivedMalformed(dropped);
    }
    return into.count();
  }

  private static boolean plain(PacketBatch into, int at, int length) {
    if (length < 1) {
      return false;
    }
    into.add(at, length);
    return true;
  }

  private void awaitPacket(int errno) throws IOException {
    if (errno == Errno.EAGAIN || errno == Errno.EINTR) {
      reading.awaitReadable(-1);
    } else if (errno == Errno.EBADFD) {
      throw Errno.error("reading from " + name() + ", whose interface was removed", errno);
    } else {
      throw Errno.error("reading from " + name(), errno);
    }
  }

  @Override
  public int send(PacketBatch from) throws IOException {
    sending.lock();
    try {
      int taken = 0;
      long bytes = 0;
      for (int i = 0; i < from.count(); i++) {
        if (sendOne(from, i)) {
          taken++;
          bytes += from.length(i);
        }
      }
      meter.sent(taken, bytes);
      return taken;
    } finally {
      sending.unlock();
    }
  }

  private boolean sendOne(PacketBatch from, int i) throws IOException {
    Segmentation what = from.segmentation(i);
    boolean simple = what == Segmentation.NONE && from.checksumStart(i) == 0;
    if (device.header() && (simple || takes(what))) {
      if (!claims.hold(from, i)) {
        meter.sentMalformed(1);
        return false;
      }
      VirtioHeader.write(from, i, claims.headerBytes());
      int errno =
          write(
              from.memory(),
              from.offset(i) - VirtioHeader.BYTES,
              claims.bytes() + VirtioHeader.BYTES);
      if (errno == 0 || simple || (errno != Errno.EINVAL && errno != Errno.EIO)) {
        if (errno != 0) {
          meter.sentRefused(1);
        }
        return errno == 0;
      }
      boolean sent = sendSplit(from, i);
      if (sent) {
        // The same as plain packets was taken: so it was the offload.
        withdraw(what, errno);
      }
      return sent;
    }
    return sendSplit(from, i);
  }

  private boolean takes(Segmentation what) {
    Offload needed = what.offload();
    return offloads.contains(needed == null ? Offload.CHECKSUM : needed);
  }

  private boolean sendSplit(PacketBatch from, int i) throws IOException {
    if (!splitter.begin(from, i)) {
      meter.sentMalformed(1);
      return false;
    }
    int packets = 0;
    int taken = 0;
    while (splitter.next()) {
      packets++;
      MemorySegment memory = splitter.memory();
      int before = 0;
      if (device.header()) {
        before = VirtioHeader.BYTES;
        VirtioHeader.writePlain(memory, splitter.offset());
      }
      if (write(memory, splitter.offset() - before, splitter.length() + before) == 0) {
        taken++;
      }
    }
    if (packets > 1) {
      meter.split(1);
    }
    if (taken == 0) {
      meter.sentRefused(1);
    }
    return taken > 0;
  }

  /// @return 0 if it was taken, else why not
  private int write(MemorySegment memory, int offset, int length) throws IOException {
    for (int tries = 0; ; tries++) {
      long put = writing.write(memory, offset, length);
      if (put >= 0) {
        return 0;
      }
      int errno = (int) -put;
      if (errno == Errno.EBADFD) {
        throw Errno.error("writing to " + name() + ", whose interface was removed", errno);
      }
      boolean again = errno == Errno.EAGAIN || errno == Errno.EINTR || errno == Errno.ENOBUFS;
      if (!again || tries == 3) {
        return errno;
      }
      writing.awaitWritable(1);
    }
  }

  private void withdraw(Segmentation what, int errno) {
    Offload refused = what.offload();
    EnumSet<Offload> left = EnumSet.noneOf(Offload.class);
    left.addAll(offloads);
    if (refused == null) {
      left.clear();
    } else {
      left.remove(refused);
    }
    offloads = Collections.unmodifiableSet(left);
    log.info(
        "{}: the kernel refuses {} (errno {}), which is done here from now on",
        name(),
        refused == null ? "all offloads" : refused,
        errno);
  }

  @Override
  public void close() {
    device.descriptor().close();
  }

  /// Why there can be no such port here; null if nothing is known against it.
  public static @Nullable String missing() {
    return TunDevice.missing();
  }
}
