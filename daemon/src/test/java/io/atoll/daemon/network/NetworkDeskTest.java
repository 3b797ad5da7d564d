package io.atoll.daemon.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.atoll.core.error.AtollException;
import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NodeReach;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.node.NodeNetwork;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.wireguard.crypto.PresharedKey;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// Two desks on one machine, told of one network.
class NetworkDeskTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path temp;
  private final Identity owner = Identity.generate();
  private final Identity one = Identity.generate();
  private final Identity two = Identity.generate();
  private final Network network =
      Network.of(new NetworkId("n000000000001"), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
  private final ConcurrentMap<Identity, NodeKey> keys = new ConcurrentHashMap<>();
  private final ConcurrentMap<Identity, NodeKey> doors = new ConcurrentHashMap<>();
  private NetworkDesk first;
  private NetworkDesk second;

  @BeforeEach
  void open() throws Exception {
    first = desk(one, "one");
    second = desk(two, "two");
  }

  private NetworkDesk desk(Identity identity, String folder) throws Exception {
    NetworkDesk desk = NetworkDesk.open(temp.resolve(folder), identity, null, 0, false);
    desk.listen(
        new NetworkDesk.Listener() {
          @Override
          public void key(NodeKey key) {
            keys.put(identity, key);
          }

          @Override
          public void door(NodeKey key) {
            doors.put(identity, key);
          }

          @Override
          public void addresses(List<String> now) {}
        });
    return desk;
  }

  @AfterEach
  void close() {
    first.close();
    second.close();
  }

  private Membership members(long version) {
    TreeMap<String, Member> members = new TreeMap<>();
    members.put("a", member("a", one, 2));
    members.put("b", member("b", two, 3));
    Membership all = new Membership(network, version, members, new TreeMap<>());
    TreeMap<io.atoll.core.identity.PeerId, NodeKey> known = new TreeMap<>();
    keys.values().forEach(key -> known.put(key.node(), key));
    return new Membership(network, version, all.members(), known);
  }

  private Member member(String id, Identity node, int number) {
    return new Member(
        id, id, node.id(), network.v4().base().plus(number), network.v6().base().plus(number));
  }

  private NodeReach reach(NetworkDesk desk, Identity who) {
    String port = desk.addresses().getFirst().replaceAll(".*:", ":");
    return new NodeReach(who.id(), List.of("127.0.0.1" + port, "not an address"));
  }

  private StackAtPort attach(NetworkDesk desk, Identity node, String id, int number) {
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, 1420, java.util.Set.of());
    Member member = member(id, node, number);
    StackAtPort stack =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) member.v4().toInet(), (Inet6Address) member.v6().toInet(), 1420),
            pair.other());
    assertThat(desk.attach(network.id(), id, pair.one(), null)).isTrue();
    return stack;
  }

  private void tellBoth(long version) {
    Membership now = members(version);
    first.put(now, 1420, List.of(reach(second, two)), List.of());
    second.put(now, 1420, List.of(reach(first, one)), List.of());
  }

  @Test
  void membersOnTwoNodesReachEachOtherAlsoAfterOneHasComeBack() throws Exception {
    tellBoth(1);
    assertThat(keys).hasSize(2);
    tellBoth(2);
    try (StackAtPort a = attach(first, one, "a", 2)) {
      try (StackAtPort b = attach(second, two, "b", 3)) {
        pings(a, member("b", two, 3));
        pings(b, member("a", one, 2));
      }
      String at = second.addresses().getFirst();
      NodeKey key = keys.get(two);
      second.close();
      second = desk(two, "two");
      // The same port and the same key: nobody else has to be told anything.
      assertThat(second.addresses().getFirst()).isEqualTo(at);
      second.put(members(2), 1420, List.of(reach(first, one)), List.of());
      assertThat(keys.get(two)).isEqualTo(key);
      try (StackAtPort b = attach(second, two, "b", 3)) {
        pings(b, member("a", one, 2));
        pings(a, member("b", two, 3));
      }
    }
  }

  /// Whoever talks to a node seals for a session that the node no longer has when it comes back.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoComesBackIsReachedAtOnceByThoseWhoTalkedToIt(boolean greets) throws Exception {
    tellBoth(1);
    tellBoth(2);
    try (StackAtPort a = attach(first, one, "a", 2)) {
      try (StackAtPort _ = attach(second, two, "b", 3)) {
        pings(a, member("b", two, 3));
      }
      second.close();
      second = desk(two, "two");
      second.put(members(2), 1420, List.of(reach(first, one)), List.of());
      if (greets) {
        second.greet();
      }
      try (StackAtPort _ = attach(second, two, "b", 3)) {
        // Nothing of b's own has to be said for that. Without it this would take 15 s.
        pings(a, member("b", two, 3), Duration.ofSeconds(8));
      }
    }
  }

  private static void pings(StackAtPort from, Member to) {
    pings(from, to, PATIENCE);
  }

  private static void pings(StackAtPort from, Member to, Duration atMost) {
    await()
        .atMost(atMost)
        // A ping that nothing answers within its second.
        .ignoreExceptionsInstanceOf(AtollException.class)
        .until(() -> from.stack().ping(to.v4().toInet(), Duration.ofSeconds(1)).isPositive());
  }

  @Test
  void keysLieWhereOnlyTheirOwnerReadsThemAndGoWithTheNetwork() throws Exception {
    tellBoth(1);
    Path file = temp.resolve("one").resolve(network.id() + ".key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    NodeKey before = keys.get(one);
    first.leave(network.id());
    assertThat(file).doesNotExist();
    assertThat(first.known(network.id())).isNull();
    tellBoth(2);
    assertThat(keys.get(one)).isNotEqualTo(before);
    Files.writeString(file, "half a fi");
    first.close();
    first = desk(one, "one");
    tellBoth(3);
    assertThat(Files.readAllLines(file)).hasSize(2);
  }

  @Test
  void devicesKnowThisNodeByAKeyThatStaysAsLongAsItIsInTheNetwork() throws Exception {
    Path file = temp.resolve("one").resolve(network.id() + ".door");
    tellBoth(1);
    assertThat(file).doesNotExist();
    assertThat(doors).isEmpty();
    Device phone =
        new Device(
            "a", PrivateKey.random(new SecureRandom()).publicKey(), new PresharedKey(new byte[32]));
    first.put(members(2), 1420, List.of(), List.of(phone));
    NodeKey door = doors.get(one);
    assertThat(door.node()).isEqualTo(one.id());
    assertThat(door.key()).isNotEqualTo(keys.get(one).key());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    NodeNetwork joined = first.nodes().network(network.id());
    assertThat(joined.device("a").publicKey()).isEqualTo(phone.key());
    first.put(members(3), 1420, List.of(), List.of());
    assertThat(joined.device("a")).isNull();
    first.close();
    doors.clear();
    first = desk(one, "one");
    first.put(members(4), 1420, List.of(), List.of(phone));
    assertThat(doors.get(one)).isEqualTo(door);
    first.leave(network.id());
    assertThat(file).doesNotExist();
    first.put(members(5), 1420, List.of(), List.of(phone));
    assertThat(doors.get(one)).isNotEqualTo(door);
  }

  @Test
  void aDamagedKeyOfADoorIsReplacedButNotSilently() throws Exception {
    Path file = temp.resolve("one").resolve(network.id() + ".door");
    Device phone =
        new Device(
            "a", PrivateKey.random(new SecureRandom()).publicKey(), new PresharedKey(new byte[32]));
    Logger log = (Logger) LoggerFactory.getLogger(NodeKeys.class);
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    log.addAppender(said);
    try {
      first.put(members(1), 1420, List.of(), List.of(phone));
      NodeKey door = doors.get(one);
      assertThat(said.list).as("a new one is no news").isEmpty();
      first.close();
      Files.write(file, new byte[] {(byte) 0xff, 0, 7});
      first = desk(one, "one");
      first.put(members(2), 1420, List.of(), List.of(phone));
      assertThat(doors.get(one)).isNotEqualTo(door);
      assertThat(said.list)
          .singleElement()
          .satisfies(
              it -> {
                assertThat(it.getLevel()).isEqualTo(Level.ERROR);
                assertThat(it.getFormattedMessage())
                    .contains(file.toString(), "invited again", "atoll net devices");
              });
      NodeKey next = doors.get(one);
      first.close();
      first = desk(one, "one");
      first.put(members(3), 1420, List.of(), List.of(phone));
      assertThat(doors.get(one)).isEqualTo(next);
      assertThat(said.list).hasSize(1);
    } finally {
      log.detachAppender(said);
    }
  }

  @Test
  void nobodyIsAttachedWhoIsNotAMemberHere() {
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, 1420, java.util.Set.of());
    assertThat(first.attach(network.id(), "a", pair.one(), null)).isFalse();
    tellBoth(1);
    assertThat(first.attach(network.id(), "z", pair.one(), null)).isFalse();
    first.detach(network.id(), "z");
    first.detach(new NetworkId("n000000000009"), "z");
  }
}
