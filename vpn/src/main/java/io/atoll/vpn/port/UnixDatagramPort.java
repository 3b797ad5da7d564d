package io.atoll.vpn.port;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.atoll.core.os.DescriptorIo;
import io.atoll.core.os.Errno;
import io.atoll.core.os.Messages;
import io.atoll.core.os.SocketFile;
import io.atoll.core.os.UnixDatagram;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The card of a guest of QEMU (`-netdev dgram,local.type=unix,…`): one frame of Ethernet a
/// datagram. The guest may be away, come back, or never come: what is sent meanwhile is dropped
/// and counted. Datagrams of anybody but the guest's socket are dropped, too: of whom its name
/// begins with is not asked, as QEMU in its sandbox walks to its folder in another way.
///
/// QEMU may be its guest's by now. What it puts in the place of its socket is not followed.
public final class UnixDatagramPort implements PacketPort, Counted {
  private static final int BUFFERS = 4 << 20;

  /// A tag of a VLAN makes the header longer.
  private static final int MOST_HEADER = 18;

  private static final int MOST_AT_ONCE = 32;

  /// How often, and how long, it is waited for a guest that is behind. The system does not tell
  /// when there is room again in a queue that is not ours.
  private static final int MOST_WAITS = 20;

  private static final long WAIT_NANOS = 100_000;

  private final UnixDatagram socket;
  private final int mtu;
  private final DescriptorIo reading;
  private final Messages incoming;
  private final Path guestPath;

  /// The last part of the path, behind a slash.
  private final byte[] guestName;

  private final PortMeter meter = new PortMeter();

  /// Who sends holds this, and only then uses the rest.
  private final ReentrantLock sending = new ReentrantLock();

  private final DescriptorIo writing;
  private final Messages outgoing;
  private final Splitter splitter = new Splitter(Link.ETHERNET);
  private @Nullable SocketFile guest;
  private boolean closed;

  private UnixDatagramPort(UnixDatagram socket, Path guestPath, int mtu) {
    this.socket = socket;
    this.mtu = mtu;
    this.reading = new DescriptorIo(socket.descriptor());
    this.writing = new DescriptorIo(socket.descriptor());
    this.incoming = new Messages(MOST_AT_ONCE, UnixDatagram.NAME_ROOM);
    this.outgoing = new Messages(MOST_AT_ONCE, UnixDatagram.NAME_ROOM);
    this.guestPath = guestPath;
    this.guestName = ("/" + guestPath.getFileName()).getBytes(UTF_8);
  }

  /// @param here our socket, which QEMU calls remote; its folder is nobody else's
  /// @param guest QEMU's socket, which it calls local; it need not be there
  public static UnixDatagramPort open(Path here, Path guest, int mtu) throws IOException {
    return new UnixDatagramPort(UnixDatagram.bind(here, BUFFERS), guest, mtu);
  }

  @Override
  public Link link() {
    return Link.ETHERNET;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public PortCounters counters() {
    return meter.counters();
  }

  @Override
  public int receive(PacketBatch into) throws IOException {
    into.clear();
    int room = mtu + MOST_HEADER;
    int apart = PacketBatch.HEADROOM + room + PacketBatch.TAILROOM + 63 & -64;
    int most = (int) Math.min(MOST_AT_ONCE, into.memory().byteSize() / apart);
    most = Math.min(most, into.entries());
    for (int i = 0; i < most; i++) {
      incoming.data(i, into.memory(), (long) i * apart + PacketBatch.HEADROOM, room);
      incoming.expect(i);
    }
    int got = reading.receiveMany(incoming, most);
    while (got < 0) {
      if (got != -Errno.EAGAIN && got != -Errno.EINTR) {
        throw Errno.error("receiving at " + socket.path(), -got);
      }
      reading.awaitReadable(-1);
      got = reading.receiveMany(incoming, most);
    }
    long bytes = 0;
    for (int i = 0; i < got; i++) {
      int length = incoming.length(i);
      if (length >= Link.ETHERNET.bytes() && !incoming.truncated(i) && fromGuest(i)) {
        into.add(i * apart + PacketBatch.HEADROOM, length);
        bytes += length;
      }
    }
    meter.received(into.count(), bytes);
    meter.receivedMalformed(got - into.count());
    return into.count();
  }

  /// Whether the sender's address ends as the guest's does, up to the zero behind it. QEMU may have
  /// bound it by the bare name.
  private boolean fromGuest(int i) {
    MemorySegment names = incoming.names();
    long begin = incoming.nameAt(i) + 2;
    long end = incoming.nameAt(i) + Math.min(incoming.nameLength(i), UnixDatagram.NAME_ROOM);
    if (end > begin && names.get(JAVA_BYTE, end - 1) == 0) {
      end--;
    }
    int bare = end - begin == guestName.length - 1 ? 1 : 0;
    long at = end - guestName.length;
    for (int b = bare; b < guestName.length; b++) {
      if (at + b < begin || names.get(JAVA_BYTE, at + b) != guestName[b]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int send(PacketBatch from) throws IOException {
    sending.lock();
    try {
      int taken = 0;
      int ready = 0;
      for (int i = 0; i < from.count(); i++) {
        if (from.segmentation(i) == Segmentation.NONE) {
          if (!begin(from, i) || !splitter.next()) {
            continue;
          }
          outgoing.data(ready++, splitter.memory(), splitter.offset(), splitter.length());
        } else {
          // Its packets lie over each other, so they go one by one; what came before goes first.
          taken += flush(ready);
          ready = 0;
          taken += sendSplit(from, i) ? 1 : 0;
        }
        if (ready == MOST_AT_ONCE) {
          taken += flush(ready);
          ready = 0;
        }
      }
      return taken + flush(ready);
    } finally {
      sending.unlock();
    }
  }

  private boolean begin(PacketBatch from, int i) {
    boolean holds = splitter.begin(from, i);
    if (!holds) {
      meter.sentMalformed(1);
    }
    return holds;
  }

  private boolean sendSplit(PacketBatch from, int i) throws IOException {
    if (!begin(from, i)) {
      return false;
    }
    int taken = 0;
    while (splitter.next()) {
      outgoing.data(0, splitter.memory(), splitter.offset(), splitter.length());
      taken += flush(1);
    }
    meter.split(1);
    return taken > 0;
  }

  /// Sends what lies ready, as much as the guest takes.
  private int flush(int count) throws IOException {
    int at = 0;
    int waits = 0;
    int taken = 0;
    long bytes = 0;
    boolean looked = guest == null;
    if (looked && count > 0 && !look()) {
      meter.sentRefused(count);
      return 0;
    }
    while (at < count) {
      int sent = writing.sendMany(outgoing, at, count - at);
      if (sent > 0) {
        for (int i = at; i < at + sent; i++) {
          bytes += outgoing.length(i);
        }
        taken += sent;
        at += sent;
      } else if ((sent == -Errno.EAGAIN || sent == -Errno.ENOBUFS) && waits++ < MOST_WAITS) {
        LockSupport.parkNanos(WAIT_NANOS);
      } else if (!looked && sent != -Errno.EINTR) {
        looked = true;
        if (!look()) {
          meter.sentRefused(count - at);
          break;
        }
      } else if (sent != -Errno.EINTR) {
        // The guest is away, or does not read: nothing of this is for later.
        meter.sentRefused(count - at);
        break;
      }
    }
    if (taken > 0) {
      meter.sent(taken, bytes);
    }
    return taken;
  }

  /// Looks for the guest's socket, which is a new one in each life of QEMU.
  ///
  /// @return whether there is one that was not there before
  private boolean look() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    SocketFile found;
    try {
      found = SocketFile.open(guestPath);
    } catch (IOException e) {
      return false; // none, or one that is not QEMU's own
    }
    SocketFile before = guest;
    if (before != null && before.same(found)) {
      found.close();
      return false;
    }
    if (before != null) {
      before.close();
    }
    guest = found;
    for (int i = 0; i < MOST_AT_ONCE; i++) {
      int length = UnixDatagram.name(outgoing.names(), outgoing.nameAt(i), found.path());
      outgoing.nameLength(i, length);
    }
    return true;
  }

  @Override
  public void close() {
    socket.close();
    sending.lock();
    try {
      closed = true;
      if (guest != null) {
        guest.close();
        guest = null;
      }
    } finally {
      sending.unlock();
    }
  }
}
