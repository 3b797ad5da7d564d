package io.atoll.vpn.port;

import com.sun.management.ThreadMXBean;
import io.atoll.core.os.LinkControl;
import io.atoll.core.os.NetworkNamespace;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.port.TunForwarder.Way;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Two TUN devices in two network namespaces, and a plain forwarder between them. The kernels on
/// both sides (it is one) talk TCP and UDP: what they find wrong, they drop.
///
/// ```
///  a: 10.8.0.1, fd08::1                             b: 10.8.0.2, fd08::2
///  [ kernel ] tun ── TunPort ── TunForwarder ── TunPort ── tun [ kernel ]
/// ```
final class TunLab implements AutoCloseable {
  private static final Path A = Path.of("/run/netns/a");
  private static final Path B = Path.of("/run/netns/b");
  private static final int PORT = 5001;

  private final TunPort a;
  private final TunPort b;
  private final TunForwarder there;
  private final TunForwarder back;
  private final Thread forwarding;

  TunLab(int mtu, Set<Offload> wanted, Way way) throws Exception {
    a = device(A, mtu, wanted, 1);
    b = device(B, mtu, wanted, 2);
    there = new TunForwarder(a, b, way);
    back = new TunForwarder(b, a, way);
    forwarding = Thread.ofPlatform().daemon().name("there").start(there);
    Thread.ofPlatform().daemon().name("back").start(back);
  }

  private static TunPort device(Path namespace, int mtu, Set<Offload> wanted, int number)
      throws Exception {
    return NetworkNamespace.inside(
        namespace,
        () -> {
          TunPort port = TunPort.open("lab", mtu, wanted);
          try (LinkControl control = LinkControl.open(port.name())) {
            control.mtu(mtu);
            control.address(InetAddress.getByName("10.8.0." + number), 24);
            control.up();
            if (mtu >= 1280) {
              control.address(InetAddress.getByName("fd08::" + number), 64);
            }
          }
          return port;
        });
  }

  private static InetSocketAddress host(boolean six, int number, int port) throws Exception {
    return new InetSocketAddress(
        InetAddress.getByName((six ? "fd08::" : "10.8.0.") + number), port);
  }

  /// Sends bytes over TCP, whose sum the other end takes.
  ///
  /// @return how many seconds it took
  double tcp(boolean six, long bytes, boolean check) throws Exception {
    ServerSocketChannel server =
        NetworkNamespace.inside(B, () -> ServerSocketChannel.open().bind(host(six, 2, PORT)));
    byte[] block = new byte[1 << 18];
    new Random(7).nextBytes(block);
    MessageDigest sent = MessageDigest.getInstance("SHA-256");
    MessageDigest got = MessageDigest.getInstance("SHA-256");
    CompletableFuture<Long> received = new CompletableFuture<>();
    try (server) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try (SocketChannel in = server.accept()) {
                  ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
                  long all = 0;
                  while (in.read(buffer) >= 0) {
                    all += buffer.flip().remaining();
                    if (check) {
                      got.update(buffer);
                    }
                    buffer.clear();
                  }
                  received.complete(all);
                } catch (Exception e) {
                  received.completeExceptionally(e);
                }
              });
      SocketChannel out = NetworkNamespace.inside(A, () -> SocketChannel.open(host(six, 2, PORT)));
      long began = System.nanoTime();
      try (out) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(block.length).put(block);
        for (long left = bytes; left > 0; left -= block.length) {
          buffer.clear().limit((int) Math.min(left, block.length));
          if (check) {
            sent.update(block, 0, buffer.limit());
          }
          while (buffer.hasRemaining()) {
            out.write(buffer);
          }
        }
      }
      long all = received.get(60, TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - began) / 1e9;
      if (all != bytes || !MessageDigest.isEqual(sent.digest(), got.digest())) {
        throw new AssertionError("of " + bytes + " bytes there came " + all + ", or others");
      }
      return seconds;
    }
  }

  /// Sends datagrams, cut by the kernel where the device takes them cut, some at a time.
  void udp(boolean six, int size, int count) throws Exception {
    AtomicInteger right = new AtomicInteger();
    UdpSocket to = NetworkNamespace.inside(B, () -> UdpSocket.bind(host(six, 2, 0)));
    UdpSocket from = NetworkNamespace.inside(A, () -> UdpSocket.bind(host(six, 1, 0)));
    try (to;
        from) {
      to.handle(
          PacketKind.QUIC,
          (packet, _) -> {
            int at = packet.position();
            int number = packet.getInt(at + 1);
            boolean same = packet.remaining() == size;
            for (int i = 5; same && i < size; i++) {
              same = packet.get(at + i) == (byte) (number * 31 + i);
            }
            if (same) {
              right.incrementAndGet();
            }
          });
      int together = 30;
      MemorySegment memory = Arena.ofAuto().allocate((long) together * size, 8);
      ByteBuffer bytes = memory.asByteBuffer();
      for (int done = 0; done < count; done += together) {
        for (int k = 0; k < together; k++) {
          int at = k * size;
          int number = done + k;
          bytes.put(at, (byte) 0x40).putInt(at + 1, number);
          for (int i = 5; i < size; i++) {
            bytes.put(at + i, (byte) (number * 31 + i));
          }
        }
        from.send(memory, 0, memory.byteSize(), size, to.address());
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (right.get() < done + together && System.nanoTime() < until) {
          Thread.onSpinWait();
        }
      }
      if (right.get() < count) {
        throw new AssertionError("of " + count + " datagrams came " + right + " as they were");
      }
    }
  }

  /// As many datagrams as go in a time.
  ///
  /// @return how many arrived in a second
  double udpRate(int size, int millis) throws Exception {
    AtomicInteger got = new AtomicInteger();
    UdpSocket to = NetworkNamespace.inside(B, () -> UdpSocket.bind(host(false, 2, 0)));
    UdpSocket from = NetworkNamespace.inside(A, () -> UdpSocket.bind(host(false, 1, 0)));
    try (to;
        from) {
      to.handle(PacketKind.QUIC, (_, _) -> got.incrementAndGet());
      MemorySegment memory = Arena.ofAuto().allocate(40L * size, 8);
      memory.fill((byte) 0x40);
      long began = System.nanoTime();
      while (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(millis)) {
        from.send(memory, 0, memory.byteSize(), size, to.address());
      }
      Thread.sleep(50);
      return got.get() * 1000.0 / millis;
    }
  }

  /// As [#udpRate], by a plain channel that sends packet by packet.
  double udpSingleRate(int size, int millis) throws Exception {
    AtomicInteger got = new AtomicInteger();
    UdpSocket to = NetworkNamespace.inside(B, () -> UdpSocket.bind(host(false, 2, 0)));
    DatagramChannel from =
        NetworkNamespace.inside(
            A,
            () ->
                DatagramChannel.open()
                    .setOption(StandardSocketOptions.SO_SNDBUF, 4 << 20)
                    .bind(host(false, 1, 0)));
    try (to;
        from) {
      to.handle(PacketKind.QUIC, (_, _) -> got.incrementAndGet());
      ByteBuffer packet = ByteBuffer.allocateDirect(size);
      packet.put(0, (byte) 0x40);
      long began = System.nanoTime();
      while (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(millis)) {
        from.send(packet.clear(), to.address());
      }
      Thread.sleep(50);
      return got.get() * 1000.0 / millis;
    }
  }

  TunForwarder there() {
    return there;
  }

  TunPort a() {
    return a;
  }

  @Override
  public void close() {
    a.close();
    b.close();
  }

  static final Set<Offload> ALL = EnumSet.allOf(Offload.class);

  /// The figures, each several times and in turn.
  public static void main(String[] words) throws Exception {
    int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 3;
    for (int round = 0; round < rounds; round++) {
      bench("all offloads, whole", 1420, ALL, Way.WHOLE);
      bench("all offloads, cut and joined", 1420, ALL, Way.CUT_AND_JOINED);
      bench("all offloads, cut, not joined", 1420, ALL, Way.CUT);
      bench("no offloads", 1420, Set.of(), Way.WHOLE);
    }
  }

  private static void bench(String what, int mtu, Set<Offload> wanted, Way way) throws Exception {
    try (TunLab lab = new TunLab(mtu, wanted, way)) {
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      lab.tcp(false, 256 << 20, false);
      long bytes = wanted.isEmpty() || way == Way.CUT ? 256L << 20 : 1L << 30;
      long packets = lab.there.packets;
      long allocated = threads.getThreadAllocatedBytes(lab.forwarding.threadId());
      double seconds = lab.tcp(false, bytes, false);
      allocated = threads.getThreadAllocatedBytes(lab.forwarding.threadId()) - allocated;
      packets = lab.there.packets - packets;
      System.out.printf(
          "figure %-28s TCP %6.2f Gbit/s, %5.2f B allocated a packet;"
              + " UDP 1370 B %8.0f/s, 64 B %8.0f/s, 64 B sent singly %8.0f/s%n",
          what,
          bytes * 8 / seconds / 1e9,
          (double) allocated / packets,
          lab.udpRate(1370, 500),
          lab.udpRate(64, 500),
          lab.udpSingleRate(64, 500));
    }
  }
}
