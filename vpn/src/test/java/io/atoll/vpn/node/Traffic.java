package io.atoll.vpn.node;

import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.port.Checksum;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.port.Offloading;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.Segmentation;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A member that sends the same again and again for as long as it may, with a pause now and then in
/// which the others wait for it, and takes what it is sent. It makes no garbage itself.
final class Traffic implements PacketPort, Offloading {
  private static final long PAUSE_NANOS = 100_000;
  private static final int BATCHES = 16;
  private static final int PAYLOAD = 64;
  private static final int SEGMENTS = 8;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private final Member self;
  private final @Nullable MacAddress card;
  private final PacketBatch template = new PacketBatch(1, 128);
  private long batches;
  private volatile boolean running;
  private volatile boolean closed;

  /// @param card null for a port of packets of IP
  Traffic(Member self, @Nullable MacAddress card) {
    this.self = self;
    this.card = card;
  }

  /// Will send to that one, too: a super-packet of TCP, one that has to be summed, and datagrams.
  void to(Member other) {
    for (int i = 0; i < 2; i++) {
      add(self.v4(), other.v4(), TCP, SEGMENTS * PAYLOAD, PAYLOAD);
      add(self.v6(), other.v6(), TCP, SEGMENTS * PAYLOAD, PAYLOAD);
      for (int datagram = 0; datagram < 4; datagram++) {
        add(self.v4(), other.v4(), UDP, PAYLOAD, 0);
        add(self.v6(), other.v6(), UDP, PAYLOAD, 0);
      }
    }
  }

  void run(boolean runs) {
    running = runs;
  }

  private void add(IpAddress from, IpAddress to, int protocol, int payload, int gso) {
    boolean four = from.isV4();
    int ip = four ? 20 : 40;
    int transport = protocol == TCP ? 20 : 8;
    int link = link().bytes();
    byte[] bytes = new byte[link + ip + transport + payload];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    if (card != null) {
      out.putShort((short) 0x0200).putInt(1);
      card.write(out);
      out.putShort((short) (four ? 0x0800 : 0x86dd));
    }
    int carried = transport + payload;
    if (four) {
      out.putInt(0x4500 << 16 | ip + carried).putInt(0x4000).putInt(64 << 24 | protocol << 16);
    } else {
      out.putInt(0x6000_0000).putShort((short) carried).put((byte) protocol).put((byte) 64);
    }
    out.put(from.bytes()).put(to.bytes());
    out.putShort((short) 1000).putShort((short) 2000);
    if (protocol == TCP) {
      out.putInt(1).putInt(1).putInt(0x5010_ffff);
    } else {
      out.putShort((short) carried);
    }
    sum(bytes, link, ip, protocol, gso > 0);
    int at = template.place(bytes.length);
    MemorySegment.copy(bytes, 0, template.memory(), ValueLayout.JAVA_BYTE, at, bytes.length);
    if (gso == 0) {
      template.add(at, bytes.length);
    } else {
      template.add(
          at,
          bytes.length,
          four ? Segmentation.TCP4 : Segmentation.TCP6,
          gso,
          link + ip,
          protocol == TCP ? 16 : 6);
    }
  }

  private static void sum(byte[] bytes, int link, int ip, int protocol, boolean left) {
    MemorySegment all = MemorySegment.ofArray(bytes);
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean four = ip == 20;
    if (four) {
      out.putShort(link + 10, (short) ~Checksum.fold(Checksum.add(all, link, ip, 0)));
    }
    int carried = bytes.length - link - ip;
    long pseudo = Checksum.pseudo(all, link + (four ? 12L : 8L), four ? 8 : 32, protocol, carried);
    int at = link + ip + (protocol == TCP ? 16 : 6);
    int made = ~Checksum.fold(Checksum.add(all, link + ip, carried, pseudo));
    out.putShort(at, (short) (left ? Checksum.fold(pseudo) : made));
  }

  @Override
  public Set<Offload> offloads() {
    return card == null ? Set.of(Offload.values()) : Set.of();
  }

  @Override
  public Link link() {
    return card == null ? Link.IP : Link.ETHERNET;
  }

  @Override
  public int mtu() {
    return 1420;
  }

  @Override
  public int receive(PacketBatch into) throws ClosedChannelException {
    while (!running) {
      if (closed) {
        throw new ClosedChannelException();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    if (closed) {
      throw new ClosedChannelException();
    }
    if (++batches % BATCHES == 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    into.clear();
    for (int i = 0; i < template.count(); i++) {
      int bytes = template.length(i);
      int at = into.place(bytes);
      MemorySegment.copy(template.memory(), template.offset(i), into.memory(), at, bytes);
      into.add(
          at,
          bytes,
          template.segmentation(i),
          template.gsoSize(i),
          template.checksumStart(i),
          template.checksumAt(i) - template.checksumStart(i));
    }
    return into.count();
  }

  @Override
  public int send(PacketBatch from) {
    return from.count();
  }

  @Override
  public void close() {
    closed = true;
  }
}
