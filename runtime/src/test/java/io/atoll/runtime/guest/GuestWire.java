package io.atoll.runtime.guest;

import io.atoll.core.os.DescriptorIo;
import io.atoll.core.os.Errno;
import io.atoll.core.os.Messages;
import io.atoll.core.os.UnixDatagram;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.runtime.driver.CardEnd;
import io.atoll.runtime.driver.NetworkCard;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The other end of a guest's card, as a network of one neighbour: who has the gateway's addresses,
/// and answers pings of both families. Written from the RFCs, apart from what the switch does.
public final class GuestWire implements AutoCloseable {
  static final MacAddress OURS = MacAddress.parse("02:00:5e:00:00:fe");
  private static final int ROOM = 2048;
  private static final int ETHERNET = 14;
  private static final int ARP = 0x806;
  private static final int IP4 = 0x800;
  private static final int IP6 = 0x86dd;
  private static final int ICMP = 1;
  private static final int ICMP6 = 58;
  private static final int SOLICITATION = 135;
  private static final int ADVERTISEMENT = 136;

  private final NetworkCard card;
  private final Path guest;
  private final UnixDatagram socket;
  private final DescriptorIo io;
  private final Thread thread;
  private final Set<MacAddress> senders = ConcurrentHashMap.newKeySet();
  private final Set<IpAddress> sources = ConcurrentHashMap.newKeySet();
  private final AtomicInteger pings4 = new AtomicInteger();
  private final AtomicInteger pings6 = new AtomicInteger();

  private GuestWire(NetworkCard card, CardEnd.Frames end) throws IOException {
    this.card = card;
    this.guest = end.guest();
    this.socket = UnixDatagram.bind(end.here(), 1 << 20);
    this.io = new DescriptorIo(socket.descriptor());
    this.thread = Thread.ofPlatform().daemon().name("wire").start(this::run);
  }

  public static GuestWire open(NetworkCard card, CardEnd end) throws IOException {
    if (!(end instanceof CardEnd.Frames frames)) {
      throw new IOException("a guest's card gives frames, and this is " + end);
    }
    return new GuestWire(card, frames);
  }

  /// Pings of IPv4 that were answered.
  public int pings4() {
    return pings4.get();
  }

  public int pings6() {
    return pings6.get();
  }

  /// Who has sent frames.
  public Set<MacAddress> senders() {
    return Set.copyOf(senders);
  }

  /// Whose pings were answered.
  public Set<IpAddress> sources() {
    return Set.copyOf(sources);
  }

  private void run() {
    Messages in = new Messages(1, UnixDatagram.NAME_ROOM);
    MemorySegment room = Arena.ofAuto().allocate(ROOM);
    in.data(0, room, 0, ROOM);
    try {
      while (true) {
        in.expect(0);
        int got = io.receiveMany(in, 1);
        if (got == -Errno.EAGAIN) {
          io.awaitReadable(-1);
        } else if (got > 0) {
          byte[] frame = room.asSlice(0, in.length(0)).toArray(ValueLayout.JAVA_BYTE);
          byte[] answer = answer(ByteBuffer.wrap(frame));
          if (answer.length > 0) {
            send(answer);
          }
        }
      }
    } catch (ClosedChannelException e) {
      // It was closed.
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void send(byte[] frame) throws IOException {
    Messages out = new Messages(1, UnixDatagram.NAME_ROOM);
    MemorySegment bytes = Arena.ofAuto().allocate(frame.length);
    bytes.copyFrom(MemorySegment.ofArray(frame));
    out.data(0, bytes, 0, frame.length);
    out.nameLength(0, UnixDatagram.name(out.names(), out.nameAt(0), guest));
    int _ = io.sendMany(out, 0, 1);
  }

  private byte[] answer(ByteBuffer frame) {
    if (frame.limit() < ETHERNET + 20) {
      return new byte[0];
    }
    MacAddress from = MacAddress.read(frame.position(6));
    senders.add(from);
    return switch (Short.toUnsignedInt(frame.getShort(12))) {
      case ARP -> arp(frame, from);
      case IP4 -> ping4(frame, from);
      case IP6 -> icmp6(frame, from);
      default -> new byte[0];
    };
  }

  private static ByteBuffer reply(MacAddress to, int type, int length) {
    ByteBuffer reply = ByteBuffer.allocate(ETHERNET + length);
    to.write(reply);
    OURS.write(reply);
    return reply.putShort((short) type);
  }

  private byte[] arp(ByteBuffer in, MacAddress from) {
    byte[] asked = part(in, ETHERNET + 24, 4);
    if (in.getShort(ETHERNET + 6) != 1 || !Arrays.equals(asked, card.gateway4().bytes())) {
      return new byte[0];
    }
    ByteBuffer out = reply(from, ARP, 28);
    out.putShort((short) 1).putShort((short) IP4).put((byte) 6).put((byte) 4).putShort((short) 2);
    OURS.write(out);
    out.put(asked);
    return out.put(part(in, ETHERNET + 8, 10)).array();
  }

  private static byte[] part(ByteBuffer in, int at, int length) {
    return Arrays.copyOfRange(in.array(), at, at + length);
  }

  private byte[] ping4(ByteBuffer in, MacAddress from) {
    int header = (in.get(ETHERNET) & 15) * 4;
    int at = ETHERNET + header;
    byte[] to = part(in, ETHERNET + 16, 4);
    if (in.get(ETHERNET + 9) != ICMP
        || at + 8 > in.limit()
        || in.get(at) != 8
        || !Arrays.equals(to, card.gateway4().bytes())) {
      return new byte[0];
    }
    byte[] whole = in.array().clone();
    ByteBuffer out = ByteBuffer.wrap(whole);
    from.write(out);
    OURS.write(out);
    System.arraycopy(whole, ETHERNET + 12, whole, ETHERNET + 16, 4);
    System.arraycopy(to, 0, whole, ETHERNET + 12, 4);
    sources.add(IpAddress.of(part(out, ETHERNET + 16, 4)));
    // The header's sum stays: the same words in another order. The type changes by 8.
    out.put(at, (byte) 0);
    int length = Short.toUnsignedInt(in.getShort(ETHERNET + 2)) - header;
    out.putShort(at + 2, (short) 0);
    out.putShort(at + 2, (short) ~sum(0, whole, at, length));
    pings4.incrementAndGet();
    return whole;
  }

  private byte[] icmp6(ByteBuffer in, MacAddress from) {
    int at = ETHERNET + 40;
    if (in.get(ETHERNET + 6) != ICMP6 || at + 8 > in.limit()) {
      return new byte[0];
    }
    byte[] source = part(in, ETHERNET + 8, 16);
    byte[] ours = card.gateway6().bytes();
    return switch (in.get(at) & 0xff) {
      case SOLICITATION -> {
        boolean asked = at + 24 <= in.limit() && Arrays.equals(part(in, at + 8, 16), ours);
        ByteBuffer body = ByteBuffer.allocate(32).put((byte) ADVERTISEMENT);
        body.putInt(4, 0x60000000).put(8, ours).put(24, (byte) 2).put(25, (byte) 1).position(26);
        OURS.write(body);
        yield asked ? packet6(from, ours, source, body.array()) : new byte[0];
      }
      case 128 -> {
        if (!Arrays.equals(part(in, ETHERNET + 24, 16), ours)) {
          yield new byte[0];
        }
        int length = Short.toUnsignedInt(in.getShort(ETHERNET + 4));
        byte[] body = part(in, at, length);
        body[0] = (byte) 129;
        sources.add(IpAddress.of(source));
        pings6.incrementAndGet();
        yield packet6(from, ours, source, body);
      }
      default -> new byte[0];
    };
  }

  private static byte[] packet6(MacAddress to, byte[] source, byte[] target, byte[] body) {
    ByteBuffer out = reply(to, IP6, 40 + body.length);
    out.putInt(0x60000000).putShort((short) body.length).put((byte) ICMP6).put((byte) 255);
    out.put(source).put(target).put(body);
    int at = ETHERNET + 40;
    out.putShort(at + 2, (short) 0);
    int pseudo = sum(body.length + ICMP6, out.array(), ETHERNET + 8, 32);
    return out.putShort(at + 2, (short) ~sum(pseudo, out.array(), at, body.length)).array();
  }

  /// The Internet's sum (RFC 1071), folded.
  private static int sum(int start, byte[] bytes, int at, int length) {
    long sum = start;
    for (int i = 0; i < length; i++) {
      sum += (bytes[at + i] & 0xffL) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) sum;
  }

  @Override
  public void close() throws InterruptedException {
    socket.close();
    thread.join();
  }
}
