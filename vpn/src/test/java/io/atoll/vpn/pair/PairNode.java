package io.atoll.vpn.pair;

import com.sun.management.ThreadMXBean;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.os.LinkControl;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.node.NodeNetwork;
import io.atoll.vpn.node.NodeNetworks;
import io.atoll.vpn.port.TunPort;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/// One side: a node with one member on a TUN device, put together as the daemon does. It answers
/// each line of its input with what it has counted, and ends with its input.
public final class PairNode {
  static final int MTU = 1420;
  private static final int PORT = 6000;
  private static final Identity OWNER = Identity.ofSeed(secret(9));
  private static final Network NETWORK =
      Network.of(NetworkId.random(new Random(1)), "pair", OWNER.id(), Cidr.parse("10.78.0.0/24"));

  private PairNode() {}

  /// The keys are no secret: the namespaces are the bench's own.
  private static byte[] secret(int of) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) of);
    return bytes;
  }

  private static Identity identity(int side) {
    return Identity.ofSeed(secret(side));
  }

  private static Member member(int side) {
    String name = "side" + side;
    return new Member(
        name,
        name,
        identity(side).id(),
        NETWORK.v4().base().plus(10 + side),
        NETWORK.v6().base().plus(10 + side));
  }

  /// Where a side is inside.
  static String inside(int side) {
    return member(side).v4().toString();
  }

  private static Membership membership() {
    TreeMap<String, Member> members = new TreeMap<>();
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    for (int side = 1; side <= 2; side++) {
      Identity of = identity(side);
      byte[] key = new PrivateKey(secret(side)).publicKey().bytes();
      members.put(member(side).id(), member(side));
      keys.put(of.id(), NodeKey.sign(of, NETWORK.id(), key, Instant.now()));
    }
    return new Membership(NETWORK, 1, members, keys);
  }

  /// @param words which side, 1 or 2
  public static void main(String[] words) throws Exception {
    PrintStream answers = System.out;
    // What is logged must not be taken for an answer.
    System.setOut(System.err);
    int side = Integer.parseInt(words[0]);
    int other = 3 - side;
    UdpSocket socket = UdpSocket.bind(outside(side));
    NodeNetworks networks = NodeNetworks.start(identity(side).id(), socket);
    NodeNetwork network = networks.join(membership(), new PrivateKey(secret(side)), MTU);
    network.reach(identity(other).id(), outside(other));
    TunPort port = TunPort.open("atoll", MTU);
    try (LinkControl control = LinkControl.open(port.name())) {
      control.mtu(MTU);
      control.address(InetAddress.getByName(inside(side)), 24);
      control.up();
    }
    network.attach(member(side), port, null);
    answers.println("up " + port.offloads() + " " + socket.abilities());
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    while (lines.readLine() != null) {
      answers.println(counts(networks, network, side));
    }
    System.exit(0);
  }

  private static InetSocketAddress outside(int side) throws Exception {
    return new InetSocketAddress(InetAddress.getByName("192.0.2." + side), PORT + side);
  }

  /// Bytes that the threads of the data path allocated, packets that they sealed and opened, bytes
  /// of the threads that keep ways and sessions, and what was lost; then words for people.
  private static String counts(NodeNetworks networks, NodeNetwork network, int side) {
    long packets = networks.counted(Outcome.SENT) + networks.counted(Outcome.DATA);
    return String.format(
        Locale.ROOT,
        "%d %d %d %d %s",
        allocated(name -> name.startsWith("switch ") || name.startsWith("udp-")),
        packets,
        allocated(name -> name.equals("paths") || name.equals("wireguard")),
        networks.lost(),
        Objects.requireNonNull(network.vswitch().counts("side" + side)).lost());
  }

  private static long allocated(Predicate<String> names) {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && names.test(thread.getThreadName())) {
        allocated += threads.getThreadAllocatedBytes(thread.getThreadId());
      }
    }
    return allocated;
  }
}
