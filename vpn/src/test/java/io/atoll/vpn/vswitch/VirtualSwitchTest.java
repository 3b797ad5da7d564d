package io.atoll.vpn.vswitch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.Splitter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Two nodes with a switch each and a wire between them:
///
/// ```
///   a (IP)  b (IP)  c (Ethernet)            d (IP)
///     └───────┼────────┘                      │
///          node one ───────── wire ──────── node two
/// ```
@Timeout(30)
class VirtualSwitchTest {
  private static final int MTU = 1420;
  private static final MacAddress CARD = MacAddress.parse("02:00:00:00:00:0c");

  private final Identity owner = Identity.generate();
  private final PeerId one = Identity.generate().id();
  private final PeerId two = Identity.generate().id();
  private final Network network =
      Network.of(new NetworkId("n0123456789ab"), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
  private final Member a = member("a", one, 2);
  private final Member b = member("b", one, 3);
  private final Member c = member("c", one, 4);
  private final Member d = member("d", two, 5);
  private final Membership all = membership(1, a, b, c, d);
  private final Map<PeerId, VirtualSwitch> nodes = new HashMap<>();
  private final Map<String, Host> hosts = new HashMap<>();

  VirtualSwitchTest() {
    nodes.put(one, new VirtualSwitch(one, all, MTU, () -> new Wire(one)));
    nodes.put(two, new VirtualSwitch(two, all, MTU, () -> new Wire(two)));
    for (Member member : List.of(a, b, d)) {
      attach(member, Link.IP, null);
    }
    attach(c, Link.ETHERNET, CARD);
  }

  private void attach(Member member, Link link, @Nullable MacAddress card) {
    MemoryPort.Pair pair = MemoryPort.pair(link, MTU, Set.of());
    hosts.put(member.id(), new Host(pair.other()));
    node(member.node()).attach(member, pair.one(), card);
  }

  private VirtualSwitch node(PeerId id) {
    return Objects.requireNonNull(nodes.get(id), "a node");
  }

  private Host host(Member member) {
    return Objects.requireNonNull(hosts.get(member.id()), "a host");
  }

  private Member member(String name, PeerId node, int number) {
    return new Member(
        name, name, node, network.v4().base().plus(number), network.v6().base().plus(number));
  }

  private Membership membership(long version, Member... members) {
    TreeMap<String, Member> byId = new TreeMap<>();
    for (Member member : members) {
      byId.put(member.id(), member);
    }
    return new Membership(network, version, byId, new TreeMap<>());
  }

  @AfterEach
  void stop() {
    nodes.values().forEach(VirtualSwitch::close);
    hosts.values().forEach(host -> host.port.close());
  }

  /// What a sealed session does, without the sealing.
  private final class Wire implements Uplink {
    private final PeerId from;
    private final Splitter splitter = new Splitter(Link.IP);

    Wire(PeerId from) {
      this.from = from;
    }

    @Override
    public void send(PacketBatch batch, int entry, int header, PeerId node) {
      assertThat(node).isNotEqualTo(from);
      PacketBatch one = new PacketBatch(1, 1);
      int at = one.place(batch.length(entry) - header);
      MemorySegment.copy(
          batch.memory(),
          batch.offset(entry) + (long) header,
          one.memory(),
          at,
          batch.length(entry) - header);
      one.add(at, batch.length(entry) - header);
      assertThat(splitter.begin(one, 0)).isTrue();
      while (splitter.next()) {
        node(node).deliver(from, splitter.memory(), splitter.offset(), splitter.length());
      }
      node(node).flush();
    }

    @Override
    public void flush() {}
  }

  /// The other end of a member's port.
  private static final class Host {
    private final MemoryPort port;
    private final BlockingQueue<byte[]> received = new ArrayBlockingQueue<>(20_000);

    Host(MemoryPort port) {
      this.port = port;
      Thread.ofVirtual()
          .start(
              () -> {
                PacketBatch batch = PacketBatch.usual();
                try {
                  while (true) {
                    port.receive(batch);
                    for (int i = 0; i < batch.count(); i++) {
                      received.offer(
                          batch
                              .memory()
                              .asSlice(batch.offset(i), batch.length(i))
                              .toArray(ValueLayout.JAVA_BYTE));
                    }
                  }
                } catch (IOException closed) {
                  // The end of the test.
                }
              });
    }

    void send(byte[] packet) throws IOException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      PacketBatch batch = new PacketBatch(1, 1);
      while (true) {
        batch.clear();
        int at = batch.place(packet.length);
        MemorySegment.copy(packet, 0, batch.memory(), ValueLayout.JAVA_BYTE, at, packet.length);
        batch.add(at, packet.length);
        if (port.send(batch) == 1) {
          return;
        }
        assertThat(System.nanoTime()).as("room in the port").isLessThan(end);
        Thread.yield();
      }
    }

    /// Sends if there is room.
    void offer(byte[] packet) throws IOException {
      PacketBatch batch = new PacketBatch(1, 1);
      int at = batch.place(packet.length);
      MemorySegment.copy(packet, 0, batch.memory(), ValueLayout.JAVA_BYTE, at, packet.length);
      batch.add(at, packet.length);
      if (port.send(batch) == 0) {
        Thread.yield();
      }
    }

    byte[] next() throws InterruptedException {
      return Objects.requireNonNull(received.poll(5, TimeUnit.SECONDS), "nothing came");
    }

    /// Only what is no advertisement of the router.
    byte[] nextOf(int type) throws InterruptedException {
      byte[] frame = next();
      while (frame[12] != (byte) (type >>> 8) || frame[13] != (byte) type) {
        frame = next();
      }
      return frame;
    }

    void nothing() throws InterruptedException {
      assertThat(received.poll(150, TimeUnit.MILLISECONDS)).isNull();
    }
  }

  private static byte[] frame(byte[] packet) {
    return Packets.frame(MacAddress.parse("02:11:22:33:44:55"), CARD, Packets.TYPE_V4, packet);
  }

  private static byte[] udp(Member from, IpAddress to) {
    return Packets.udp(from.v4(), 1000, to, 2000, new byte[] {1, 2, 3});
  }

  @Test
  void packetsReachMembersHereAndElsewhere() throws Exception {
    for (Member to : List.of(b, d)) {
      byte[] packet = udp(a, to.v4());
      host(a).send(packet);
      assertThat(host(to).next()).isEqualTo(packet);
      byte[] six = Packets.udp(a.v6(), 1000, to.v6(), 2000, new byte[700]);
      host(a).send(six);
      assertThat(host(to).next()).isEqualTo(six);
    }
    byte[] toCard = udp(d, c.v4());
    host(d).send(toCard);
    byte[] frame = host(c).nextOf(Packets.TYPE_V4);
    assertThat(Arrays.copyOf(frame, 6)).isEqualTo(CARD.bytes());
    assertThat(Arrays.copyOfRange(frame, 14, frame.length)).isEqualTo(toCard);
    byte[] fromCard = udp(c, d.v4());
    host(c).send(frame(fromCard));
    assertThat(host(d).next()).isEqualTo(fromCard);
    assertThat(Objects.requireNonNull(node(one).counts("a")).sent()).isEqualTo(4);
  }

  @Test
  void forgedSourcesGoNowhere() throws Exception {
    host(a).send(udp(b, d.v4()));
    host(c).send(frame(udp(a, d.v4())));
    host(d).nothing();
    assertThat(Objects.requireNonNull(node(one).counts("a")).lost())
        .containsEntry(SwitchCounters.Lost.FORGED, 1L);
    assertThat(Objects.requireNonNull(node(one).counts("c")).lost())
        .containsEntry(SwitchCounters.Lost.FORGED, 1L);
    // Another node that speaks for a member that is not on it.
    byte[] forged = udp(b, d.v4());
    node(two).deliver(two, MemorySegment.ofArray(forged), 0, forged.length);
    node(two).flush();
    host(d).nothing();
    assertThat(node(two).fromOutside().lost()).containsEntry(SwitchCounters.Lost.FORGED, 1L);
  }

  @Test
  void everybodyHearsAGroup() throws Exception {
    byte[] packet = udp(a, IpAddress.parse("239.1.2.3"));
    host(a).send(packet);
    assertThat(host(b).next()).isEqualTo(packet);
    assertThat(host(d).next()).isEqualTo(packet);
    byte[] frame = host(c).nextOf(Packets.TYPE_V4);
    assertThat(Arrays.copyOfRange(frame, 14, frame.length)).isEqualTo(packet);
    host(a).nothing();
    byte[] broadcast = udp(d, network.v4().last());
    host(d).send(broadcast);
    assertThat(host(a).next()).isEqualTo(broadcast);
  }

  @Test
  void sendersAreToldWhatWentNowhere() throws Exception {
    host(a).send(udp(a, IpAddress.parse("10.7.0.77")));
    assertThat(host(a).next()[20]).as("unreachable").isEqualTo((byte) 3);
    host(a).send(udp(a, IpAddress.parse("192.0.2.1")));
    byte[] forbidden = host(a).next();
    assertThat(forbidden[21]).as("forbidden").isEqualTo((byte) 13);
    byte[] large = Packets.udp(a.v6(), 1, d.v6(), 2, new byte[1500]);
    host(a).send(large);
    assertThat(host(a).next()[40]).as("too big").isEqualTo((byte) 2);
    host(d).nothing();
    assertThat(Objects.requireNonNull(node(one).counts("a")).lost())
        .containsEntry(SwitchCounters.Lost.NOBODY, 1L)
        .containsEntry(SwitchCounters.Lost.OUTSIDE, 1L)
        .containsEntry(SwitchCounters.Lost.TOO_LONG, 1L);
    assertThat(node(one).lost(SwitchCounters.Lost.NOBODY)).isEqualTo(1);
    node(one).detach("a");
    // Who counts for all goes on where a port has gone.
    assertThat(node(one).lost(SwitchCounters.Lost.NOBODY)).isEqualTo(1);
    assertThat(node(one).lost(SwitchCounters.Lost.OUTSIDE)).isEqualTo(1);
  }

  @Test
  void theSwitchAnswersAtItsOwnAddress() throws Exception {
    host(a).send(Packets.icmp(a.v4(), network.gateway4(), 8, 0, new byte[] {0, 7, 0, 1, 42}));
    byte[] reply = host(a).next();
    assertThat(reply[20]).isZero();
    assertThat(reply).endsWith((byte) 42);
  }

  private byte[] whoHas(IpAddress wanted) {
    byte[] packet =
        ByteBuffer.allocate(28)
            .putLong(0x0001_0800_0604_0001L)
            .put(CARD.bytes())
            .put(c.v4().bytes())
            .put(new byte[6])
            .put(wanted.bytes())
            .array();
    return Packets.frame(MacAddress.BROADCAST, CARD, Packets.TYPE_ARP, packet);
  }

  private long lost(Member of, SwitchCounters.Lost why) {
    return Objects.requireNonNull(node(of.node()).counts(of.id())).lost().getOrDefault(why, 0L);
  }

  /// A network with the shortest packets that IPv4 knows: senders are told and send shorter ones.
  @Test
  void aNetworkOfShortPacketsCarriesStreams() throws Exception {
    try (VirtualSwitch narrow = new VirtualSwitch(one, all, 576, () -> new Wire(one))) {
      List<StackAtPort> stacks = new ArrayList<>();
      for (Member member : List.of(a, b)) {
        MemoryPort.Pair pair = MemoryPort.pair(Link.IP, MTU, Set.of());
        narrow.attach(member, pair.one(), null);
        stacks.add(
            StackAtPort.start(
                StackSettings.usual(
                    (Inet4Address) member.v4().toInet(), (Inet6Address) member.v6().toInet(), MTU),
                pair.other()));
      }
      byte[] sent = new byte[500_000];
      Arrays.fill(sent, (byte) 7);
      try (TcpListener listener = stacks.getLast().stack().listen(80);
          TcpStream stream =
              stacks.getFirst().stack().connect(b.v4().toInet(), 80, Duration.ofSeconds(10));
          TcpStream served = listener.accept()) {
        Thread writer =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try (var out = stream.output()) {
                        out.write(sent);
                      } catch (IOException e) {
                        throw new AssertionError(e);
                      }
                    });
        assertThat(served.input().readAllBytes()).isEqualTo(sent);
        writer.join();
      }
      stacks.forEach(StackAtPort::close);
      assertThat(Objects.requireNonNull(narrow.counts("a")).lost())
          .containsKey(SwitchCounters.Lost.TOO_LONG);
    }
  }

  /// Questions that one guest asks without end are bounded and counted, and nobody else notices.
  @Test
  void aFloodOfQuestionsIsBounded() throws Exception {
    byte[] dhcp = new byte[300];
    byte[] asks = Packets.udp(IpAddress.v4(0), 68, IpAddress.v4(-1), 67, dhcp);
    int sent = 5_000;
    for (int i = 0; i < sent; i++) {
      host(c).send(i % 2 == 0 ? whoHas(a.v4()) : frame(asks));
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> Objects.requireNonNull(node(one).counts("c")).sent() == sent);
    assertThat(lost(c, SwitchCounters.Lost.FLOOD)).isPositive();
    byte[] packet = udp(a, d.v4());
    host(a).send(packet);
    assertThat(host(d).next()).isEqualTo(packet);
    // What is no question still goes its way, at once.
    byte[] fromCard = udp(c, b.v4());
    host(c).send(frame(fromCard));
    assertThat(host(b).next()).isEqualTo(fromCard);
    // And after a while it may ask again.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              host(c).received.clear();
              host(c).send(whoHas(a.v4()));
              return host(c).received.poll(200, TimeUnit.MILLISECONDS) != null;
            });
  }

  @Test
  void aFloodOfPacketsForEverybodyIsBounded() throws Exception {
    byte[] group = udp(a, IpAddress.parse("239.1.2.3"));
    int sent = 0;
    while (lost(a, SwitchCounters.Lost.FLOOD) == 0) {
      assertThat(sent).as("a bound").isLessThan(4_000_000);
      host(a).send(group);
      sent++;
      host(b).received.clear();
      host(d).received.clear();
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              byte[] packet = udp(a, d.v4());
              host(a).send(packet);
              boolean arrived;
              do { // behind what is left of the flood
                arrived = Arrays.equals(host(d).next(), packet);
              } while (!arrived && !host(d).received.isEmpty());
              return arrived;
            });
  }

  /// A member that sends without a pause is removed: nothing of it arrives any more, all that it
  /// sends is counted, and its thread ends with its port.
  @Test
  void aMemberThatSendsAtFullSpeedIsRemoved() throws Exception {
    boolean[] over = new boolean[1];
    byte[] packet = udp(a, d.v4());
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (!over[0]) {
                      host(a).offer(packet);
                    }
                  } catch (IOException closed) {
                    // Removed.
                  }
                });
    assertThat(host(d).next()).isEqualTo(packet);
    node(one).update(membership(2, b, c, d));
    node(two).update(membership(2, b, c, d));
    long before = fromOutsideForged() + lost(a, SwitchCounters.Lost.FORGED);
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> fromOutsideForged() + lost(a, SwitchCounters.Lost.FORGED) > before + 100);
    host(d).received.clear();
    host(d).nothing();
    node(one).detach("a");
    over[0] = true;
    sender.join();
    assertThat(node(one).counts("a")).isNull();
    // Its address is another's at once.
    Member next = new Member("e", "e", two, a.v4(), a.v6());
    node(one).update(membership(3, b, c, d, next));
    node(two).update(membership(3, b, c, d, next));
    attach(next, Link.IP, null);
    byte[] toNext = udp(b, a.v4());
    host(b).send(toNext);
    assertThat(host(next).next()).isEqualTo(toNext);
  }

  private long fromOutsideForged() {
    return node(two).fromOutside().lost().getOrDefault(SwitchCounters.Lost.FORGED, 0L);
  }

  @Test
  void guestsHearOfAMove() throws Exception {
    Member moved = new Member("b", "b", one, network.v4().base().plus(9), b.v6());
    host(c).received.clear();
    node(one).update(membership(2, a, moved, c, d));
    byte[] arp = host(c).nextOf(Packets.TYPE_ARP);
    assertThat(Arrays.copyOfRange(arp, 28, 32)).isEqualTo(moved.v4().bytes());
    assertThat(Arrays.copyOfRange(arp, 38, 42)).isEqualTo(moved.v4().bytes());
    byte[] neighbour = host(c).nextOf(Packets.TYPE_V6);
    assertThat(neighbour[14 + 40]).isEqualTo((byte) 136);
    // The one that moved is only told that there is news: its address it gets by asking.
    Member other = new Member("c", "c", one, network.v4().base().plus(10), c.v6());
    node(one).update(membership(3, a, moved, other, d));
    assertThat(host(c).nextOf(Packets.TYPE_V6)[14 + 40]).isEqualTo((byte) 134);
    // Its old address is nobody's from now on, its new one its own.
    host(c).send(frame(udp(c, d.v4())));
    host(d).nothing();
    assertThat(lost(other, SwitchCounters.Lost.FORGED)).isEqualTo(1);
    node(two).update(membership(3, a, moved, other, d));
    byte[] packet = udp(other, d.v4());
    host(c).send(frame(packet));
    assertThat(host(d).next()).isEqualTo(packet);
  }

  @Test
  void membersComeAndGoAndMoveWhileRunning() throws Exception {
    Member moved = new Member("b", "b", one, network.v4().base().plus(9), b.v6());
    node(one).update(membership(2, a, moved, d));
    host(a).send(udp(a, moved.v4()));
    assertThat(host(b).next()[19]).isEqualTo((byte) 9);
    host(b).send(udp(moved, a.v4()));
    assertThat(host(a).next()[15]).isEqualTo((byte) 9);
    host(a).send(udp(a, b.v4()));
    assertThat(host(a).next()[20]).as("nobody is there any more").isEqualTo((byte) 3);
    node(one).detach("a");
    await().atMost(Duration.ofSeconds(5)).until(() -> node(one).counts("a") == null);
    byte[] late = udp(d, a.v4());
    node(one).deliver(two, MemorySegment.ofArray(late), 0, late.length);
    assertThat(node(one).fromOutside().lost()).containsEntry(SwitchCounters.Lost.NOBODY, 1L);
  }
}
