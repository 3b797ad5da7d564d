package io.atoll.p2p.udp;

import io.atoll.core.os.DescriptorIo;
import io.atoll.core.os.Errno;
import io.atoll.core.os.Messages;
import io.atoll.core.os.SocketName;
import io.atoll.core.os.UdpDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What one thread needs to send, and the ways in which it does. Whoever uses it holds its lock.
final class NativeSender {
  /// As many as every kernel cuts in one call, and as much as one datagram may have.
  private static final int MOST_PACKETS = 64;

  private static final int MOST_BYTES = 65_000;
  private static final int LARGEST_PACKET = 65_535;
  private static final int PATIENCE_MILLIS = 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final UdpDescriptor socket;
  private final SendWays ways;
  private final DescriptorIo io;
  private final Messages messages = new Messages(MOST_PACKETS, SocketName.ROOM);
  private final MemorySegment copy = Arena.ofAuto().allocate(LARGEST_PACKET, 64);
  private final ByteBuffer copyView = copy.asByteBuffer();
  private final ReceiverNames names;

  /// Whose address is in the first, and in all, of the messages.
  private @Nullable InetSocketAddress named;

  private int nameLength;
  private int namedMessages;

  NativeSender(UdpDescriptor socket, SendWays ways) {
    this.socket = socket;
    this.ways = ways;
    this.io = new DescriptorIo(socket.descriptor());
    this.names = new ReceiverNames(socket.six());
  }

  ReentrantLock lock() {
    return lock;
  }

  void send(ByteBuffer packet, InetSocketAddress to) throws IOException {
    int length = packet.remaining();
    if (length > LARGEST_PACKET) {
      throw Errno.error("sending " + length + " bytes to " + to, Errno.EMSGSIZE);
    }
    copyView.clear().put(packet);
    name(to, 1);
    messages.data(0, copy, 0, length);
    messages.segment(0, 0);
    failed(sendOne(0), to);
  }

  int send(MemorySegment memory, long offset, long length, int size, InetSocketAddress to)
      throws IOException {
    if (size <= 0) {
      throw new IllegalArgumentException("packets of " + size + " bytes");
    }
    int together = Math.clamp(MOST_BYTES / size, 1, MOST_PACKETS);
    int sent = 0;
    for (long at = 0; at < length; at += (long) together * size) {
      long part = Math.min(length - at, (long) together * size);
      sent += sendPart(memory, offset + at, part, size, to);
    }
    return sent;
  }

  private int sendPart(
      MemorySegment memory, long offset, long length, int size, InetSocketAddress to)
      throws IOException {
    int packets = (int) ((length + size - 1) / size);
    if (packets > 1 && ways.cuts()) {
      name(to, 1);
      messages.data(0, memory, offset, length);
      messages.segment(0, size);
      int errno = sendOne(0);
      messages.segment(0, 0);
      if (errno == 0) {
        ways.cutTaken();
        return packets;
      }
      if (!ways.cutRefused(errno)) {
        failed(errno, to);
        return 0;
      }
    }
    name(to, packets);
    for (int i = 0; i < packets; i++) {
      long at = (long) i * size;
      messages.data(i, memory, offset + at, Math.min(size, length - at));
    }
    return packets > 1 && ways.many() ? sendMany(packets, to) : sendEach(0, packets, to);
  }

  private int sendMany(int packets, InetSocketAddress to) throws IOException {
    int at = 0;
    int taken = 0;
    int waits = 0;
    while (at < packets) {
      int sent = io.sendMany(messages, at, packets - at);
      if (sent >= 0) {
        taken += sent;
        at += sent;
        continue;
      }
      if (ways.manyRefused(-sent)) {
        return taken + sendEach(at, packets, to);
      }
      if (mayTryAgain(-sent) && waits++ == 0) {
        io.awaitWritable(PATIENCE_MILLIS);
      } else if (-sent != Errno.EINTR) {
        if (waits == 0 && taken == 0) {
          failed(-sent, to);
        }
        return taken;
      }
    }
    return taken;
  }

  private int sendEach(int from, int packets, InetSocketAddress to) throws IOException {
    int taken = 0;
    for (int i = from; i < packets; i++) {
      int errno = sendOne(i);
      if (errno == 0) {
        taken++;
      } else if (taken == 0) {
        failed(errno, to);
      }
    }
    return taken;
  }

  /// @return 0 if it was taken, else why not
  private int sendOne(int index) throws IOException {
    for (int tries = 0; ; tries++) {
      long sent = io.send(messages, index);
      if (sent >= 0) {
        return 0;
      }
      if (!mayTryAgain((int) -sent) || tries == 2) {
        return (int) -sent;
      }
      io.awaitWritable(PATIENCE_MILLIS);
    }
  }

  private static boolean mayTryAgain(int errno) {
    return errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.EINTR;
  }

  /// Having no room is no error: the packet is dropped, as networks do.
  private void failed(int errno, InetSocketAddress to) throws IOException {
    if (errno != 0 && !mayTryAgain(errno)) {
      throw Errno.error("sending to " + to + " from UDP port " + socket.address().getPort(), errno);
    }
  }

  /// Writes an address into the first messages, unless it is there.
  private void name(InetSocketAddress to, int count) throws IOException {
    if (!to.equals(named)) {
      named = null;
      nameLength = names.write(to, messages.names(), messages.nameAt(0));
      messages.nameLength(0, nameLength);
      named = to;
      namedMessages = 1;
    }
    for (; namedMessages < count; namedMessages++) {
      MemorySegment.copy(
          messages.names(), 0, messages.names(), messages.nameAt(namedMessages), nameLength);
      messages.nameLength(namedMessages, nameLength);
    }
  }
}
