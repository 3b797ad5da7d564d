package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.json.Json;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.network.Change;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.vswitch.Uplink;
import io.atoll.vpn.vswitch.VirtualSwitch;
import io.atoll.vpn.wireguard.Engine;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.LocalIdentity;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.PeerSettings;
import io.atoll.vpn.wireguard.RoamingPaths;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import io.atoll.vpn.wireguard.crypto.PublicKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Five hundred members on fifty nodes.
class NetworkScaleTest {
  private static final int NODES = 50;
  private static final int MEMBERS = 500;
  private static final int MTU = 1420;
  private static final int COPIES = 10;

  /// One way of the wire.
  private static final long WAY = 50;

  private final Identity owner = Identity.generate();
  private final List<Identity> nodes = new ArrayList<>();
  private final Network network =
      Network.of(NetworkId.random(new Random(1)), "large", owner.id(), Cidr.parse("10.96.0.0/16"));

  NetworkScaleTest() {
    for (int i = 0; i < NODES; i++) {
      nodes.add(Identity.generate());
    }
  }

  private Member member(int i, int address) {
    return new Member(
        "member-" + i,
        "web" + i,
        nodes.get(i % NODES).id(),
        network.v4().base().plus(address),
        network.v6().base().plus(address));
  }

  private Membership whole(int members) {
    TreeMap<String, Member> all = new TreeMap<>();
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    for (int i = 0; i < members; i++) {
      Member member = member(i, i + 2);
      all.put(member.id(), member);
    }
    for (Identity node : nodes) {
      byte[] key = PrivateKey.random(new SecureRandom()).publicKey().bytes();
      keys.put(node.id(), NodeKey.sign(node, network.id(), key, Instant.EPOCH));
    }
    return new Membership(network, 1, all, keys);
  }

  /// So many members get other addresses.
  private Membership moved(Membership before, int count) {
    TreeMap<String, Member> members = new TreeMap<>(before.members());
    for (int i = 0; i < count; i++) {
      Member member = member(i, 10_000 + (int) before.version() * 1000 + i);
      members.put(member.id(), member);
    }
    return new Membership(network, before.version() + 1, members, before.keys());
  }

  private static final Uplink NOWHERE =
      new Uplink() {
        @Override
        public void send(PacketBatch batch, int entry, int header, PeerId node) {}

        @Override
        public void flush() {}
      };

  private static Membership applied(Membership before, byte[] change) throws IOException {
    Change read = Objects.requireNonNull(Json.read(change, Change.class));
    if (read.apply(before) instanceof Change.Outcome.Applied(Membership after)) {
      return after;
    }
    throw new AssertionError(read.apply(before));
  }

  private record Message(long at, int to, byte[] change) {}

  /// Each node is told once and says once that it has it; from then on its packets go the new way.
  @Test
  void aChangeReachesAllInOneRoundTrip() throws Exception {
    Membership before = whole(MEMBERS);
    byte[] first = Json.bytes(Change.between(owner, Membership.empty(network), before));
    List<VirtualSwitch> switches = new ArrayList<>();
    for (Identity node : nodes) {
      Membership there = applied(Membership.empty(network), first);
      switches.add(new VirtualSwitch(node.id(), there, MTU, () -> NOWHERE));
    }
    Membership after = moved(before, 1);
    byte[] change = Json.bytes(Change.between(owner, before, after));
    PriorityQueue<Message> wire =
        new PriorityQueue<>((one, other) -> Long.compare(one.at, other.at));
    for (int i = 0; i < NODES; i++) {
      wire.add(new Message(WAY, i, change));
    }
    long last = 0;
    int confirmed = 0;
    while (!wire.isEmpty()) {
      Message message = wire.remove();
      if (message.to < 0) {
        confirmed++;
        last = message.at;
      } else {
        VirtualSwitch there = switches.get(message.to);
        there.update(applied(there.table().membership(), message.change));
        wire.add(new Message(message.at + WAY, -1, new byte[0]));
      }
    }
    assertThat(confirmed).isEqualTo(NODES);
    assertThat(last).as("one round trip").isEqualTo(2 * WAY);
    Member mover = Objects.requireNonNull(after.members().get("member-0"));
    Member was = Objects.requireNonNull(before.members().get("member-0"));
    for (VirtualSwitch each : switches) {
      int found = each.table().find(mover.v4());
      assertThat(each.table().member(found).id()).isEqualTo("member-0");
      assertThat(each.table().find(was.v4())).isNegative();
      assertThat(each.table().membership().digest()).isEqualTo(after.digest());
    }
  }

  @Test
  void aChangeCostsWhatChanged() {
    Membership large = whole(MEMBERS);
    Membership small = whole(MEMBERS / 10);
    int one = size(large, moved(large, 1));
    int ofSmall = size(small, moved(small, 1));
    int ten = size(large, moved(large, 10));
    int all = size(Membership.empty(network), large);
    System.out.printf(
        "a change of 1 of 500 members: %d bytes (of 50: %d), of 10: %d; the whole: %d%n",
        one, ofSmall, ten, all);
    assertThat(one).isLessThan(1_200);
    assertThat(Math.abs(one - ofSmall)).isLessThan(50);
    assertThat(ten).isLessThan(one + 10 * 300);
    assertThat(all).isGreaterThan(50 * one);
  }

  private int size(Membership before, Membership after) {
    return Json.bytes(Change.between(owner, before, after)).length;
  }

  private record State(Membership membership, VirtualSwitch vswitch, LocalIdentity identity) {}

  /// What one node holds of the network, as it got it by the wire: members, keys, routes, and a
  /// peer for each other node. Measured in a process that is started as the daemon is (`atoll`):
  /// its objects have short headers. Memory outside of the heap is not in it: there is none before
  /// a session.
  @Test
  void aNodeHoldsLittle() throws Exception {
    long each = measured("routes");
    System.out.println("one node's state of 500 members on 50 nodes: " + each + " bytes of heap");
    assertThat(each).isBetween(10_000L, 130_000L);
  }

  /// The same, with the ways to all other nodes, by which nothing has gone yet: all that joining a
  /// network takes.
  @Test
  void joiningTakesLittle() throws Exception {
    long each = measured("joined");
    System.out.println("and with the ways to all nodes: " + each + " bytes of heap");
    assertThat(each).isBetween(10_000L, 150_000L);
  }

  private static long measured(String what) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                NetworkScaleTest.class.getName(),
                what)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return Long.parseLong(said.strip().lines().toList().getLast());
  }

  /// Prints how many bytes it is.
  public static void main(String[] what) throws Exception {
    NetworkScaleTest test = new NetworkScaleTest();
    System.out.println(what[0].equals("joined") ? test.measuredJoined() : test.measured());
    System.exit(0);
  }

  private long measuredJoined() throws Exception {
    byte[] whole = Json.bytes(Change.between(owner, Membership.empty(network), whole(MEMBERS)));
    List<NodeNetworks> all = new ArrayList<>();
    for (int i = 0; i <= COPIES; i++) {
      UdpSocket socket = UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0));
      all.add(NodeNetworks.start(nodes.getFirst().id(), socket));
    }
    join(all.getFirst(), whole);
    long before = used();
    for (NodeNetworks node : all.subList(1, all.size())) {
      join(node, whole);
    }
    long each = (used() - before) / COPIES;
    assertThat(all).hasSize(COPIES + 1);
    return each;
  }

  private void join(NodeNetworks node, byte[] change) throws IOException {
    Membership there = applied(Membership.empty(network), change);
    var _ = node.join(there, PrivateKey.random(new SecureRandom()), MTU);
  }

  private long measured() throws Exception {
    byte[] whole = Json.bytes(Change.between(owner, Membership.empty(network), whole(MEMBERS)));
    Engine engine =
        new Engine(
            EngineClock.SYSTEM,
            new SecureRandom(),
            AeadSuite.choose(),
            new RoamingPaths((_, _) -> {}));
    List<State> states = new ArrayList<>();
    states.add(state(engine, whole));
    long before = used();
    for (int i = 0; i < COPIES; i++) {
      states.add(state(engine, whole));
    }
    long each = (used() - before) / COPIES;
    assertThat(states).hasSize(COPIES + 1);
    engine.close();
    return each;
  }

  private State state(Engine engine, byte[] change) throws IOException {
    Membership there = applied(Membership.empty(network), change);
    PeerId self = nodes.getFirst().id();
    LocalIdentity identity = engine.add(PrivateKey.random(new SecureRandom()));
    Map<PeerId, Peer> peers = new HashMap<>();
    for (NodeKey key : there.keys().values()) {
      if (!key.node().equals(self)) {
        PublicKey its = new PublicKey(key.key());
        peers.put(key.node(), engine.add(identity, PeerSettings.of(its, List.of())));
      }
    }
    VirtualSwitch vswitch = new VirtualSwitch(self, there, MTU, () -> NOWHERE);
    identity.ownedBy(new Owned(vswitch.table(), peers));
    return new State(there, vswitch, identity);
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
