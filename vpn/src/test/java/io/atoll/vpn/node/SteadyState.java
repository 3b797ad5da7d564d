package io.atoll.vpn.node;

import com.sun.management.ThreadMXBean;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Three nodes on loopback, each of which sends to both others at full speed, and what their
/// threads allocate meanwhile. The third one's member is a guest with a card of Ethernet.
///
/// Prints a line for each window of a million packets, sealed or opened: packets, nanoseconds,
/// bytes of the threads that carry packets, and bytes of those that keep ways and sessions.
public final class SteadyState {
  private static final int MTU = 1420;
  private static final int NODES = 3;
  private static final long WINDOW = 1_000_000;
  private static final long TOO_LONG = 120_000_000_000L;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final List<NodeNetworks> nodes = new ArrayList<>();
  private final List<Traffic> traffic = new ArrayList<>();

  private SteadyState() {}

  /// @param words how many windows
  public static void main(String[] words) throws Exception {
    SteadyState state = new SteadyState();
    state.begin();
    System.out.println(AeadSuite.choose().name());
    for (int i = 0; i < Integer.parseInt(words[0]); i++) {
      state.window();
    }
    System.exit(0);
  }

  private void begin() throws Exception {
    List<Identity> identities = new ArrayList<>();
    List<PrivateKey> secrets = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      identities.add(Identity.generate());
      secrets.add(PrivateKey.random(new SecureRandom()));
    }
    Network network =
        Network.of(
            NetworkId.random(new Random(1)),
            "steady",
            identities.getFirst().id(),
            Cidr.parse("10.7.0.0/24"));
    TreeMap<String, Member> members = new TreeMap<>();
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    for (int i = 0; i < NODES; i++) {
      Identity of = identities.get(i);
      String name = "m" + i;
      members.put(
          name,
          new Member(
              name,
              name,
              of.id(),
              network.v4().base().plus(i + 2),
              network.v6().base().plus(i + 2)));
      byte[] key = secrets.get(i).publicKey().bytes();
      keys.put(of.id(), NodeKey.sign(of, network.id(), key, Instant.now()));
    }
    Membership membership = new Membership(network, 1, members, keys);
    List<UdpSocket> sockets = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      sockets.add(UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0)));
    }
    for (int i = 0; i < NODES; i++) {
      NodeNetworks node = NodeNetworks.start(identities.get(i).id(), sockets.get(i));
      nodes.add(node);
      NodeNetwork here = node.join(membership, secrets.get(i), MTU);
      Member self = members.get("m" + i);
      MacAddress card = i == NODES - 1 ? new MacAddress(0x0200_0000_0007L) : null;
      Traffic port = new Traffic(self, card);
      for (int other = 0; other < NODES; other++) {
        if (other != i) {
          here.reach(identities.get(other).id(), sockets.get(other).address());
          port.to(members.get("m" + other));
        }
      }
      here.attach(self, port, card);
      traffic.add(port);
    }
    traffic.forEach(port -> port.run(true));
  }

  private long packets() {
    long sum = 0;
    for (NodeNetworks node : nodes) {
      sum += node.counted(Outcome.SENT) + node.counted(Outcome.DATA);
    }
    return sum;
  }

  /// What the threads of these names have allocated.
  private long allocated(Predicate<String> names) {
    long sum = 0;
    int found = 0;
    for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (thread != null && names.test(thread.getThreadName())) {
        sum += threads.getThreadAllocatedBytes(thread.getThreadId());
        found++;
      }
    }
    if (found < NODES) {
      throw new IllegalStateException(found + " threads of " + NODES + " nodes are called so");
    }
    return sum;
  }

  private void window() throws InterruptedException {
    long began = System.nanoTime();
    long packets = packets();
    long carrying = allocated(name -> name.startsWith("switch ") || name.startsWith("udp-"));
    long keeping = allocated(name -> name.equals("paths") || name.equals("wireguard"));
    while (packets() - packets < WINDOW) {
      if (System.nanoTime() - began > TOO_LONG) {
        throw new IllegalStateException("no packets flow");
      }
      Thread.sleep(20);
    }
    System.out.printf(
        Locale.ROOT,
        "window %d %d %d %d%n",
        packets() - packets,
        System.nanoTime() - began,
        allocated(name -> name.startsWith("switch ") || name.startsWith("udp-")) - carrying,
        allocated(name -> name.equals("paths") || name.equals("wireguard")) - keeping);
  }
}
