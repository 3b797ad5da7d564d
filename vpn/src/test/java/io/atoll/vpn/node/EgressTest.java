package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.atoll.core.identity.Identity;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.exit.ExitCounters;
import io.atoll.vpn.exit.Outside;
import io.atoll.vpn.gateway.Stack;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.gateway.UdpFlow;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.EgressRule;
import io.atoll.vpn.network.EgressRule.Action;
import io.atoll.vpn.network.EgressRule.Protocol;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.vswitch.EgressCount;
import io.atoll.vpn.vswitch.EgressSum;
import io.atoll.vpn.vswitch.SwitchCounters.Lost;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A member of a network, and servers of this machine that stand for all that is outside:
///
/// ```
///   guest 10.7.0.2 ── VirtualSwitch ── SocketExit ── 127.0.0.1
/// ```
@Timeout(60)
class EgressTest {
  private static final int MTU = 1420;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Cidr HERE = Cidr.parse("127.0.0.1/32");
  private static final Outside ALSO_HERE = new Outside(true, List.of(HERE));
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final Identity node = Identity.generate();
  private final Network network =
      Network.of(NetworkId.random(new Random(1)), "mynet", node.id(), Cidr.parse("10.7.0.0/24"));
  private final Member member =
      new Member(
          "guest", "guest", node.id(), network.v4().base().plus(2), network.v6().base().plus(2));
  private final List<AutoCloseable> opened = new ArrayList<>();
  private NodeNetworks networks;
  private NodeNetwork here;
  private long version = 1;
  private Stack guest;

  @BeforeEach
  void start() throws Exception {
    UdpSocket socket = UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0));
    opened.add(socket);
    networks = NodeNetworks.start(node.id(), socket);
    opened.add(networks);
    TreeMap<String, Member> members = new TreeMap<>();
    members.put(member.id(), member);
    here =
        networks.join(
            new Membership(network, 1, members, new TreeMap<>()),
            PrivateKey.random(new SecureRandom()),
            MTU);
    MemoryPort.Pair pair = MemoryPort.pair(Link.IP, MTU, Set.of(Offload.values()));
    here.attach(member, pair.one(), null);
    StackAtPort at =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) member.v4().toInet(), (Inet6Address) member.v6().toInet(), MTU),
            pair.other());
    opened.add(at);
    guest = at.stack();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private void rules(EgressRule... rules) {
    egress(new Egress(List.of(rules), List.of()), ALSO_HERE);
  }

  /// As the network's owner and the node's operator say.
  private void egress(Egress rules, Outside outside) {
    networks.outside(outside);
    TreeMap<String, Member> members = new TreeMap<>();
    members.put(member.id(), member);
    here.update(new Membership(network, ++version, members, new TreeMap<>(), rules));
  }

  private static EgressRule allow(Protocol protocol, int port) {
    return new EgressRule(HERE, protocol, port, port, Action.ALLOW);
  }

  private ServerSocket server() throws IOException {
    ServerSocket server = new ServerSocket(0, 50, LOOPBACK);
    opened.add(server);
    return server;
  }

  private long lost(Lost why) {
    return Objects.requireNonNull(here.vswitch().counts("guest")).lost().getOrDefault(why, 0L);
  }

  private ExitCounters exit() {
    return Objects.requireNonNull(here.exitCounters(), "a way out");
  }

  private long decided(int rule) {
    List<EgressCount> ofMember = here.vswitch().egress("guest");
    assertThat(here.vswitch().egress().get(rule)).isEqualTo(ofMember.get(rule));
    return ofMember.get(rule).packets();
  }

  @Test
  void nothingLeavesUntilARuleLetsIt() throws Exception {
    ServerSocket server = server();
    int port = server.getLocalPort();
    assertThatThrownBy(() -> guest.connect(LOOPBACK, port, PATIENCE))
        .hasMessageContaining("no way");
    assertThat(lost(Lost.OUTSIDE)).isPositive();
    // A rule about something else changes nothing.
    rules(allow(Protocol.UDP, port), allow(Protocol.TCP, port == 1 ? 2 : port - 1));
    assertThatThrownBy(() -> guest.connect(LOOPBACK, port, PATIENCE))
        .hasMessageContaining("no way");
    // Nor does one that comes after the one that fits.
    EgressRule deny = EgressRule.of(Cidr.parse("0.0.0.0/0"), Protocol.ANY, Action.DENY);
    rules(deny, allow(Protocol.TCP, port));
    assertThatThrownBy(() -> guest.connect(LOOPBACK, port, PATIENCE))
        .hasMessageContaining("no way");
    assertThat(decided(0)).isPositive();
    assertThat(decided(1)).isZero();
    assertThat(exit().connections()).isZero();
    EgressSum sum = here.vswitch().egressSum();
    assertThat(sum.packets()).isZero();
    assertThat(sum.refused()).as("whatever the rules were then").isEqualTo(lost(Lost.OUTSIDE));
    assertThat(sum.refusedBytes()).isGreaterThanOrEqualTo(40 * sum.refused());
    assertThat(here.vswitch().egressSums()).containsExactly(Map.entry("guest", sum));
  }

  @Test
  void whatARuleAllowsGoesByASocketOfThisProcess() throws Exception {
    ServerSocket server = server();
    byte[] sent = new byte[3 << 20];
    new Random(3).nextBytes(sent);
    Thread echo =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (Socket one = server.accept()) {
                    one.getInputStream().transferTo(one.getOutputStream());
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });
    rules(allow(Protocol.TCP, server.getLocalPort()));
    try (TcpStream stream = guest.connect(LOOPBACK, server.getLocalPort(), PATIENCE)) {
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
      assertThat(stream.input().readAllBytes()).isEqualTo(sent);
      writer.join();
    }
    echo.join();
    assertThat(exit().connections()).isEqualTo(1);
    assertThat(decided(0)).isPositive();
    await().atMost(PATIENCE).until(() -> exit().open() == 0);
    EgressSum sum = here.vswitch().egressSum();
    assertThat(sum.packets()).isPositive();
    assertThat(sum.bytes()).isGreaterThan(sent.length);
    assertThat(sum.refused() + sum.noExit()).isZero();
  }

  @Test
  void aNodeLetsNothingOutUnlessItsOperatorSays() throws Exception {
    ServerSocket server = server();
    egress(
        new Egress(List.of(allow(Protocol.TCP, server.getLocalPort())), List.of()),
        Outside.NOTHING);
    assertThatThrownBy(() -> guest.connect(LOOPBACK, server.getLocalPort(), PATIENCE))
        .hasMessageContaining("no way");
    assertThat(lost(Lost.NO_EXIT)).isPositive();
    assertThat(here.vswitch().egressSum().noExit()).isEqualTo(lost(Lost.NO_EXIT));
    assertThat(here.exitCounters()).isNull();
    networks.outside(ALSO_HERE);
    try (TcpStream stream = guest.connect(LOOPBACK, server.getLocalPort(), PATIENCE)) {
      assertThat(stream.remotePort()).isEqualTo(server.getLocalPort());
    }
  }

  @Test
  void aRefusalOutsideIsOneInside() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, LOOPBACK)) {
      port = closed.getLocalPort();
    }
    rules(allow(Protocol.TCP, port));
    assertThatThrownBy(() -> guest.connect(LOOPBACK, port, PATIENCE))
        .hasMessageContaining("nobody listens");
    assertThat(exit().failed()).isEqualTo(1);
    await().atMost(PATIENCE).until(() -> exit().open() == 0);
  }

  @Test
  void theOperatorOfTheNodeHasTheLastWord() throws Exception {
    ServerSocket server = server();
    EgressRule all = EgressRule.of(Cidr.parse("0.0.0.0/0"), Protocol.ANY, Action.ALLOW);
    egress(new Egress(List.of(all), List.of()), Outside.INTERNET);
    for (String host : List.of("127.0.0.1", "169.254.169.254", "192.168.1.1", "172.17.0.1")) {
      assertThatThrownBy(
              () -> guest.connect(InetAddress.ofLiteral(host), server.getLocalPort(), PATIENCE))
          .hasMessageContaining("no way");
    }
    assertThat(exit().denied()).isGreaterThanOrEqualTo(4);
    UdpFlow flow = guest.udp(LOOPBACK, 9);
    flow.send(new byte[1]);
    assertThatThrownBy(() -> flow.receive(PATIENCE)).hasMessageContaining("nobody has that port");
    assertThat(exit().connections() + exit().flows()).isZero();
  }

  @Test
  void aRuleTakenBackEndsWhatItLetOut() throws Exception {
    ServerSocket server = server();
    rules(allow(Protocol.TCP, server.getLocalPort()));
    try (TcpStream stream = guest.connect(LOOPBACK, server.getLocalPort(), PATIENCE);
        Socket outside = server.accept()) {
      stream.output().write(7);
      assertThat(outside.getInputStream().read()).isEqualTo(7);
      egress(Egress.NONE, ALSO_HERE);
      outside.setSoTimeout((int) PATIENCE.toMillis());
      assertThat(ended(outside)).isTrue();
    }
    assertThat(here.exitCounters()).isNull();
  }

  private static boolean ended(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  @Test
  void aMemberThatMovesOrLeavesHasNothingOpenOutside() throws Exception {
    ServerSocket server = server();
    rules(allow(Protocol.TCP, server.getLocalPort()));
    try (TcpStream stream = guest.connect(LOOPBACK, server.getLocalPort(), PATIENCE);
        Socket outside = server.accept()) {
      stream.output().write(7);
      assertThat(outside.getInputStream().read()).isEqualTo(7);
      Egress rules = here.vswitch().table().membership().egress();
      here.update(new Membership(network, ++version, new TreeMap<>(), new TreeMap<>(), rules));
      outside.setSoTimeout((int) PATIENCE.toMillis());
      assertThat(ended(outside)).isTrue();
    }
    await().atMost(PATIENCE).until(() -> exit().open() == 0);
  }

  private DatagramSocket datagrams(BlockingQueue<byte[]> heard, byte[] ending) throws IOException {
    DatagramSocket server = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
    opened.add(server);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  DatagramPacket in = new DatagramPacket(new byte[2000], 2000);
                  server.receive(in);
                  byte[] bytes = java.util.Arrays.copyOf(in.getData(), in.getLength());
                  heard.add(bytes);
                  byte[] out = java.util.Arrays.copyOf(bytes, bytes.length + ending.length);
                  System.arraycopy(ending, 0, out, bytes.length, ending.length);
                  if (out.length > 2) {
                    out[2] |= (byte) 0x80;
                  }
                  server.send(new DatagramPacket(out, out.length, in.getSocketAddress()));
                }
              } catch (IOException closed) {
                // The end of the test.
              }
            });
    return server;
  }

  @Test
  void datagramsGoAndComeBack() throws Exception {
    BlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
    DatagramSocket server = datagrams(heard, new byte[] {42});
    rules(allow(Protocol.UDP, server.getLocalPort()));
    UdpFlow flow = guest.udp(LOOPBACK, server.getLocalPort());
    flow.send(new byte[] {1, 2});
    assertThat(heard.poll(10, TimeUnit.SECONDS)).containsExactly(1, 2);
    assertThat(flow.receive(PATIENCE)).containsExactly(1, 2, (byte) (42 | 0x80));
    assertThat(exit().flows()).isEqualTo(1);
  }

  @Test
  void whatOneMemberMayHaveOpenIsBounded() throws Exception {
    DatagramSocket server = datagrams(new LinkedBlockingQueue<>(), new byte[0]);
    rules(allow(Protocol.UDP, server.getLocalPort()));
    for (int i = 0; i < 300; i++) {
      guest.udp(LOOPBACK, server.getLocalPort()).send(new byte[] {1});
    }
    await().atMost(PATIENCE).until(() -> exit().full() >= 44 && exit().flows() >= 256);
    assertThat(exit().open()).isEqualTo(256);
  }

  private static byte[] query(String name) {
    ByteBuffer out = ByteBuffer.allocate(300).putInt(0x12340100).putInt(0x00010000).putInt(0);
    for (String label : name.split("\\.", -1)) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putInt(0x00010001);
    return java.util.Arrays.copyOf(out.array(), out.position());
  }

  private byte[] asked(String name) throws Exception {
    try (UdpFlow flow = guest.udp(network.gateway4().toInet(), 53)) {
      flow.send(query(name));
      return Objects.requireNonNull(flow.receive(PATIENCE), "an answer");
    }
  }

  @Test
  void namesOfOthersGoToTheNameServersThatTheRulesName() throws Exception {
    BlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
    DatagramSocket server = datagrams(heard, new byte[] {1, 2, 3});
    Egress.Resolver resolver = new Egress.Resolver(IpAddress.of(LOOPBACK), server.getLocalPort());
    assertThat(asked("example.org")[3] & 15).as("refused").isEqualTo(5);
    // A name server that no rule lets be reached is not asked.
    egress(
        new Egress(List.of(allow(Protocol.TCP, server.getLocalPort())), List.of(resolver)),
        ALSO_HERE);
    assertThat(asked("example.org")[3] & 15).isEqualTo(5);
    egress(
        new Egress(List.of(allow(Protocol.UDP, server.getLocalPort())), List.of(resolver)),
        ALSO_HERE);
    byte[] answer = asked("example.org");
    assertThat(answer).startsWith(0x12, 0x34).endsWith(1, 2, 3);
    byte[] asked = Objects.requireNonNull(heard.poll(10, TimeUnit.SECONDS));
    assertThat(asked).hasSize(query("example.org").length);
    assertThat(decided(0)).isEqualTo(1);
    // What is the network's own never goes anywhere.
    assertThat(asked("guest.mynet.internal")[3] & 15).isZero();
    assertThat(asked("nobody.mynet.internal")[3] & 15).isEqualTo(3);
    assertThat(asked("web.other.internal")[3] & 15).isEqualTo(3);
    assertThat(heard).isEmpty();
    assertThat(exit().questions()).isEqualTo(1);
  }
}
