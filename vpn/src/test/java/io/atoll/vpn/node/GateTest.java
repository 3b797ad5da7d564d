package io.atoll.vpn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A gate on one node, and members on another:
///
/// ```
///   gate 10.7.0.2                             web 10.7.0.3, web 10.7.0.4, quiet 10.7.0.5 (no port)
///        │                                               │
///   NodeNetworks ─────────── UDP, 127.0.0.1 ─────── NodeNetworks
/// ```
@Timeout(60)
class GateTest {
  private static final int MTU = 1420;
  private static final int ECHO = 7;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Identity owner = Identity.generate();
  private final Identity here = Identity.generate();
  private final Identity there = Identity.generate();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Map<Integer, StackAtPort> stacks = new HashMap<>();
  private Gate gate;

  private <T extends AutoCloseable> T open(T part) {
    opened.add(part);
    return part;
  }

  @BeforeEach
  void start() throws Exception {
    Network network =
        Network.of(NetworkId.random(new Random(1)), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
    TreeMap<String, Member> members = new TreeMap<>();
    add(members, network, 2, "gate", here);
    add(members, network, 3, "web", there);
    add(members, network, 4, "web", there);
    add(members, network, 5, "quiet", there);
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    Map<Identity, PrivateKey> secrets = new HashMap<>();
    for (Identity node : List.of(here, there)) {
      PrivateKey key = PrivateKey.random(new SecureRandom());
      secrets.put(node, key);
      keys.put(node.id(), NodeKey.sign(node, network.id(), key.publicKey().bytes(), Instant.now()));
    }
    Membership whole = new Membership(network, 1, members, keys);
    UdpSocket oneSocket = open(UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0)));
    UdpSocket otherSocket = open(UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0)));
    NodeNetwork one =
        open(NodeNetworks.start(here.id(), oneSocket))
            .join(whole, Objects.requireNonNull(secrets.get(here)), MTU);
    NodeNetwork other =
        open(NodeNetworks.start(there.id(), otherSocket))
            .join(whole, Objects.requireNonNull(secrets.get(there)), MTU);
    one.reach(there.id(), otherSocket.address());
    other.reach(here.id(), oneSocket.address());
    gate = open(GateMember.open(one.vswitch(), member(members, 2), MTU));
    for (int number : new int[] {3, 4}) {
      Member member = member(members, number);
      MemoryPort.Pair pair = MemoryPort.pair(Link.IP, MTU, Set.of(Offload.values()));
      other.attach(member, pair.one(), null);
      stacks.put(
          number,
          open(
              StackAtPort.start(
                  StackSettings.usual(
                      (Inet4Address) member.v4().toInet(),
                      (Inet6Address) member.v6().toInet(),
                      MTU),
                  pair.other())));
    }
    // That one throws away whatever comes.
    MemoryPort.Pair hole = MemoryPort.pair(Link.IP, MTU, Set.of());
    other.attach(member(members, 5), hole.one(), null);
  }

  private static void add(
      TreeMap<String, Member> to, Network network, int number, String name, Identity node) {
    to.put(
        "m" + number,
        new Member(
            "m" + number,
            name,
            node.id(),
            network.v4().base().plus(number),
            network.v6().base().plus(number)));
  }

  private static Member member(TreeMap<String, Member> of, int number) {
    return Objects.requireNonNull(of.get("m" + number), "a member");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private TcpListener echo(int number) {
    TcpListener listener =
        open(Objects.requireNonNull(stacks.get(number), "a stack").stack().listen(ECHO));
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  TcpStream stream = listener.accept();
                  Thread.ofVirtual().start(() -> echo(stream));
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
    return listener;
  }

  private static void echo(TcpStream stream) {
    try (stream) {
      stream.input().transferTo(stream.output());
    } catch (IOException e) {
      stream.abort();
    }
  }

  private String through(String host) throws Exception {
    try (TcpStream stream = gate.tcp(host, ECHO, PATIENCE)) {
      stream.output().write("hello".getBytes(StandardCharsets.UTF_8));
      stream.output().close();
      return new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void fails(ErrorCode code, String words, ThrowingCallable call) {
    assertThatThrownBy(call)
        .hasMessageContaining(words)
        .satisfies(e -> assertThat(((AtollException) e).code()).isEqualTo(code));
  }

  @Test
  void dialsByNameAndByAddress() throws Exception {
    echo(3);
    echo(4);
    for (String host :
        List.of("web", "WEB.mynet.internal.", "10.7.0.3", "10.7.0.4", "[" + v6(3) + "]")) {
      assertThat(through(host)).as(host).isEqualTo("hello");
    }
    assertThat(gate.ping("gateway", PATIENCE)).isPositive();
  }

  private static String v6(int number) {
    return Network.of(
            NetworkId.random(new Random(1)),
            "mynet",
            Identity.generate().id(),
            Cidr.parse("10.7.0.0/24"))
        .v6()
        .base()
        .plus(number)
        .toString();
  }

  @Test
  void oneOfSeveralAnswers() throws Exception {
    echo(4);
    for (int i = 0; i < 8; i++) {
      assertThat(through("web")).isEqualTo("hello");
    }
  }

  @Test
  void saysWhatIsInTheWay() {
    fails(
        ErrorCode.GATEWAY_REFUSED,
        "port 7: nobody listens there",
        () -> gate.tcp("web", ECHO, PATIENCE));
    fails(
        ErrorCode.NOT_FOUND,
        "network mynet has no member named wep",
        () -> gate.tcp("wep", ECHO, PATIENCE));
    fails(
        ErrorCode.NOT_FOUND,
        "no member named web.other.internal",
        () -> gate.tcp("web.other.internal", ECHO, PATIENCE));
    fails(
        ErrorCode.GATEWAY_UNREACHABLE,
        "no member of network mynet has the address 10.7.0.77",
        () -> gate.tcp("10.7.0.77", ECHO, PATIENCE));
    fails(
        ErrorCode.DENIED, "127.0.0.1 is not in network", () -> gate.tcp("127.0.0.1", 22, PATIENCE));
    fails(ErrorCode.BAD_REQUEST, "everybody's", () -> gate.udp("10.7.0.255", 53));
    fails(ErrorCode.BAD_REQUEST, "no port", () -> gate.udp("web", 0));
    fails(ErrorCode.TIMEOUT, "no answer", () -> gate.tcp("quiet", ECHO, Duration.ofMillis(300)));
  }

  @Test
  void aThousandAtOnce() throws Exception {
    echo(3);
    byte[] sent = new byte[40_000];
    new Random(3).nextBytes(sent);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> all = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        all.add(
            threads.submit(
                () -> {
                  try (TcpStream stream = gate.tcp("10.7.0.3", ECHO, PATIENCE)) {
                    Thread reader = Thread.currentThread();
                    Thread.ofVirtual().start(() -> write(stream, sent, reader));
                    return stream.input().readAllBytes();
                  }
                }));
      }
      for (Future<byte[]> one : all) {
        assertThat(one.get()).isEqualTo(sent);
      }
    }
  }

  private static void write(TcpStream stream, byte[] bytes, Thread reader) {
    try {
      stream.output().write(bytes);
      stream.output().close();
    } catch (IOException e) {
      reader.interrupt();
    }
  }
}
