package io.atoll.vpn.node;

import com.sun.management.ThreadMXBean;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.port.Checksum;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.port.Offloading;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.Segmentation;
import io.atoll.vpn.vswitch.VirtualSwitch;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.UdpPath;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/// What the data path costs without the system: super-packets from a port through the switch,
/// sealed, opened, through the other switch and into a port that throws them away. Nanoseconds a
/// packet on either side; the tenth of all groups that was disturbed least: `./dev bench path`.
public final class PathBench {
  private static final int MTU = 1420;
  private static final int WARM = 30_000;
  private static final int GROUPS = 20_000;
  private static final Set<Offload> ALL = Set.of(Offload.values());

  private final Identity one = Identity.generate();
  private final Identity other = Identity.generate();
  private final Network network =
      Network.of(NetworkId.random(new Random(1)), "path", one.id(), Cidr.parse("10.7.0.0/24"));

  private PathBench() {}

  /// @param words how many rounds, and a seed that is not used
  public static void main(String[] words) throws Exception {
    int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 3;
    for (int round = 0; round < rounds; round++) {
      new PathBench().run("TCP, 46 of 1420 bytes", true, 46, 1380, true);
      new PathBench().run("UDP, 40 of 1398 bytes", false, 40, 1370, false);
      new PathBench().run("TCP, one of 52 bytes", true, 1, 12, false);
    }
    System.exit(0);
  }

  private Member member(String name, Identity node, int number) {
    return new Member(
        name, name, node.id(), network.v4().base().plus(number), network.v6().base().plus(number));
  }

  private void run(String what, boolean tcp, int packets, int payload, boolean whole)
      throws Exception {
    TreeMap<String, Member> members = new TreeMap<>();
    members.put("a", member("a", one, 2));
    members.put("b", member("b", other, 3));
    PrivateKey oneKey = PrivateKey.random(new SecureRandom());
    PrivateKey otherKey = PrivateKey.random(new SecureRandom());
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    keys.put(one.id(), sign(one, oneKey));
    keys.put(other.id(), sign(other, otherKey));
    Membership membership = new Membership(network, 1, members, keys);
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    try (UdpSocket oneSocket = UdpSocket.bind(any);
        UdpSocket otherSocket = UdpSocket.bind(any);
        NodeNetworks from = NodeNetworks.start(one.id(), oneSocket);
        NodeNetworks to = NodeNetworks.start(other.id(), otherSocket)) {
      NodeNetwork here = from.join(membership, oneKey, MTU);
      NodeNetwork there = to.join(membership, otherKey, MTU);
      here.reach(other.id(), otherSocket.address());
      there.attach(members.get("b"), new Sink(), null);
      Source source = new Source(tcp, packets, payload, whole);
      Through through = new Through(to, source);
      try (VirtualSwitch vswitch =
          new VirtualSwitch(
              one.id(),
              membership,
              MTU,
              () -> from.uplink(here::peer, here.identity(), MTU, through))) {
        Peer peer = here.peer(other.id());
        if (peer == null) {
          throw new IllegalStateException("the nodes do not know each other");
        }
        // One packet by the sockets, for a session.
        here.attach(members.get("a"), new Source(tcp, 1, payload, false).once(), null);
        while (!peer.connected(System.nanoTime())) {
          Thread.sleep(1);
        }
        vswitch.attach(members.get("a"), source, null);
        source.done.await();
        source.report(what, packets);
      }
    }
  }

  private NodeKey sign(Identity node, PrivateKey key) {
    return NodeKey.sign(node, network.id(), key.publicKey().bytes(), Instant.now());
  }

  /// Gives datagrams to the other node, in memory as a socket's.
  private static final class Through implements Paths {
    private final MemorySegment slot = Arena.ofAuto().allocate(66_000, 64);
    private final Opening opening;
    private final Path sender = new UdpPath(new InetSocketAddress("127.0.0.1", 9));
    private final Source source;

    Through(NodeNetworks to, Source source) {
      this.opening = to.opening();
      this.source = source;
    }

    @Override
    public void send(Peer peer, long address, int length, int segment) {
      long sealed = System.nanoTime();
      MemorySegment.copy(MemorySegment.ofAddress(address).reinterpret(length), 0, slot, 0, length);
      long begun = System.nanoTime();
      for (int at = 0; at < length; at += segment) {
        opening.open(slot, at, Math.min(segment, length - at), sender);
      }
      opening.end();
      long now = System.nanoTime();
      source.outside += now - sealed;
      source.opening += now - begun;
    }

    @Override
    public void reply(Path to, byte[] datagram) {}

    @Override
    public void heard(Peer peer, Path from) {}
  }

  /// Sends the same again and again, and takes the time between one and the next.
  private static final class Source implements PacketPort {
    final CountDownLatch done = new CountDownLatch(1);
    private final boolean tcp;
    private final int packets;
    private final int payload;
    private final boolean whole;
    private final PacketBatch template = new PacketBatch(1, 64);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long[] sealed = new long[GROUPS];
    private final long[] opened = new long[GROUPS];
    private long began;
    private long garbage;
    private int groups = -WARM;
    private int most = GROUPS;
    long outside;
    long opening;

    Source(boolean tcp, int packets, int payload, boolean whole) {
      this.tcp = tcp;
      this.packets = packets;
      this.payload = payload;
      this.whole = whole;
      if (whole) {
        packet(packets * payload, true);
      } else {
        for (int i = 0; i < packets; i++) {
          packet(payload, false);
        }
      }
    }

    Source once() {
      groups = 0;
      most = 1;
      return this;
    }

    private void packet(int bytes, boolean unsummed) {
      int header = tcp ? 40 : 28;
      byte[] packet = new byte[header + bytes];
      new Random(7).nextBytes(packet);
      ByteBuffer out = ByteBuffer.wrap(packet);
      out.putShort(0, (short) 0x4500).putShort(2, (short) packet.length);
      out.putInt(4, 0x4000).put(8, (byte) 64).put(9, (byte) (tcp ? 6 : 17));
      out.putShort(10, (short) 0).putInt(12, 0x0a070002).putInt(16, 0x0a070003);
      if (tcp) {
        out.putInt(24, 1).putInt(28, 1).put(32, (byte) 0x50).put(33, (byte) 0x10);
        out.putShort(36, (short) 0).putShort(38, (short) 0);
      } else {
        out.putShort(24, (short) (8 + bytes)).putShort(26, (short) 0);
      }
      MemorySegment all = MemorySegment.ofArray(packet);
      out.order(ByteOrder.LITTLE_ENDIAN);
      out.putShort(10, (short) ~Checksum.fold(Checksum.add(all, 0, 20, 0)));
      long pseudo = Checksum.pseudo(all, 12, 8, tcp ? 6 : 17, packet.length - 20);
      long sum = unsummed ? pseudo : Checksum.add(all, 20, packet.length - 20, pseudo);
      int sumAt = tcp ? 16 : 6;
      int folded = Checksum.fold(sum);
      out.putShort(20 + sumAt, (short) (unsummed ? folded : ~folded));
      int at = template.place(packet.length);
      MemorySegment.copy(packet, 0, template.memory(), ValueLayout.JAVA_BYTE, at, packet.length);
      if (unsummed) {
        template.add(at, packet.length, Segmentation.TCP4, payload, 20, sumAt);
      } else {
        template.add(at, packet.length);
      }
    }

    @Override
    public int receive(PacketBatch into) throws ClosedChannelException {
      long now = System.nanoTime();
      if (groups > 0 && most > 1) {
        sealed[groups - 1] = now - began - outside;
        opened[groups - 1] = opening;
      }
      if (groups == 0) {
        garbage = threads.getCurrentThreadAllocatedBytes();
      }
      if (groups == most) {
        garbage = threads.getCurrentThreadAllocatedBytes() - garbage;
        done.countDown();
        throw new ClosedChannelException();
      }
      into.clear();
      for (int i = 0; i < template.count(); i++) {
        int at = into.place(template.length(i));
        MemorySegment.copy(
            template.memory(), template.offset(i), into.memory(), at, template.length(i));
        into.add(
            at,
            template.length(i),
            template.segmentation(i),
            template.gsoSize(i),
            template.checksumStart(i),
            template.checksumAt(i) - template.checksumStart(i));
      }
      groups++;
      outside = 0;
      opening = 0;
      began = System.nanoTime();
      return into.count();
    }

    void report(String what, int packets) {
      System.out.printf(
          Locale.ROOT,
          "%-24s out %6.0f ns, in %6.0f ns a packet, %.3f bytes of garbage%n",
          what,
          tenth(sealed) / packets,
          tenth(opened) / packets,
          (double) garbage / GROUPS / packets);
    }

    private static double tenth(long[] times) {
      Arrays.sort(times);
      return times[times.length / 10];
    }

    @Override
    public Link link() {
      return Link.IP;
    }

    @Override
    public int mtu() {
      return MTU;
    }

    @Override
    public int send(PacketBatch from) {
      return from.count();
    }

    @Override
    public void close() {}
  }

  /// Takes everything.
  private static final class Sink implements PacketPort, Offloading {
    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Set<Offload> offloads() {
      return ALL;
    }

    @Override
    public Link link() {
      return Link.IP;
    }

    @Override
    public int mtu() {
      return MTU;
    }

    @Override
    public int receive(PacketBatch into) throws ClosedChannelException {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new ClosedChannelException();
    }

    @Override
    public int send(PacketBatch from) {
      return from.count();
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }
}
