package io.atoll.daemon.rest;

import io.atoll.client.GateConnection;
import io.atoll.client.HubClient;
import io.atoll.client.HubLocation;
import io.atoll.client.gate.Forward;
import io.atoll.client.gate.ForwardSpec;
import io.atoll.client.gate.GateDialer;
import io.atoll.client.gate.Opening;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.os.LinkControl;
import io.atoll.core.os.NetworkNamespace;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.core.testing.OwnNetwork;
import io.atoll.daemon.gate.GateNetworks;
import io.atoll.daemon.store.KeyRow;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.node.GateMember;
import io.atoll.vpn.node.NodeNetwork;
import io.atoll.vpn.node.NodeNetworks;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.port.TunPort;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// How much goes through the gate and through `atoll forward`, against the direct path between the
/// same two nodes: `./dev bench gate`.
///
/// ```
///   direct    socket ── TUN ┐
///   gate      WebSocket ────┤ node one ══ WireGuard over loopback ══ node two ── TUN ── socket
///   forward   socket ── WebSocket ┘            (one namespace)                 (namespace b)
/// ```
/// All of it is in one process, so that each way has the same two nodes and the same cores.
public final class GateBench {
  private static final int MTU = 1420;
  private static final int PORT = 9;
  private static final Path A = Path.of("/run/netns/a");
  private static final Path B = Path.of("/run/netns/b");

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final TreeMap<String, Member> members = new TreeMap<>();
  private ServedHub served;
  private GateDialer dialer;
  private InetAddress server;

  private GateBench() {}

  /// @param words how many rounds; `inside` behind it for the part in namespaces
  public static void main(String[] words) throws Exception {
    int rounds = words.length > 0 ? Integer.parseInt(words[0]) : 3;
    if (words.length > 1 && words[1].equals("inside")) {
      GateBench bench = new GateBench();
      try {
        bench.open();
        bench.rounds(rounds);
      } finally {
        while (!bench.opened.isEmpty()) {
          bench.opened.pop().close();
        }
      }
      System.exit(0);
    }
    Path said = Files.createTempFile("gate-bench", ".txt");
    List<String> command = new ArrayList<>(List.of("a b"));
    for (String word : OwnNetwork.java(GateBench.class)) {
      // As a daemon runs, not as tests do.
      command.add(
          switch (word) {
            case "-XX:TieredStopAtLevel=1" -> "-XX:+TieredCompilation";
            case "-Xmx64m" -> "-Xmx2g";
            default -> word;
          });
    }
    String more = System.getenv("GATE_BENCH_JAVA");
    if (more != null) {
      command.addAll(2, List.of(more.split(" ")));
    }
    command.addAll(List.of(Integer.toString(rounds), "inside"));
    Path script = Path.of(System.getProperty("atoll.root", ".."), "vpn/src/test/sh/namespaces.sh");
    OwnNetwork.run(said, Duration.ofMinutes(20), script, command)
        .lines()
        .filter(line -> line.startsWith("figure") || line.contains("Exception"))
        .forEach(System.out::println);
    Files.delete(said);
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }

  private void open() throws Exception {
    Identity owner = Identity.generate();
    Identity one = Identity.generate();
    Identity two = Identity.generate();
    Network network =
        Network.of(NetworkId.random(new Random(1)), "mynet", owner.id(), Cidr.parse("10.7.0.0/24"));
    add(network, "direct", 2, one);
    add(network, "gate", 3, one);
    add(network, "web", 4, two);
    TreeMap<PeerId, NodeKey> keys = new TreeMap<>();
    List<PrivateKey> secrets = new ArrayList<>();
    for (Identity node : List.of(one, two)) {
      PrivateKey key = PrivateKey.random(new SecureRandom());
      secrets.add(key);
      keys.put(node.id(), NodeKey.sign(node, network.id(), key.publicKey().bytes(), Instant.now()));
    }
    Membership whole = new Membership(network, 1, members, keys);
    UdpSocket oneSocket = opened(UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0)));
    UdpSocket twoSocket = opened(UdpSocket.bind(new InetSocketAddress("127.0.0.1", 0)));
    NodeNetwork first =
        opened(NodeNetworks.start(one.id(), oneSocket)).join(whole, secrets.getFirst(), MTU);
    NodeNetwork second =
        opened(NodeNetworks.start(two.id(), twoSocket)).join(whole, secrets.getLast(), MTU);
    first.reach(two.id(), twoSocket.address());
    second.reach(one.id(), oneSocket.address());
    first.attach(member("direct"), device(A, member("direct")), null);
    second.attach(member("web"), device(B, member("web")), null);
    server = member("web").v4().toInet();
    Gate gate = opened(GateMember.open(first.vswitch(), member("gate"), MTU));
    served = opened(new ServedHub());
    served.server.close();
    served.networks =
        new GateNetworks() {
          @Override
          public Gate gate(String name, KeyRow caller) {
            return gate;
          }

          @Override
          public PacketPort raw(String name, String address, KeyRow caller) {
            throw new IllegalStateException("nobody asks for that");
          }
        };
    served.server = served.start(0);
    HubClient hub =
        new HubClient(() -> new HubLocation(served.server.uri(), MemoryHub.SECRET, "bench"));
    dialer = new GateDialer(hub, "mynet", Duration.ofSeconds(20));
  }

  private void add(Network network, String name, int number, Identity node) {
    members.put(
        name,
        new Member(
            name,
            name,
            node.id(),
            network.v4().base().plus(number),
            network.v6().base().plus(number)));
  }

  private Member member(String name) {
    return Objects.requireNonNull(members.get(name), "a member");
  }

  private TunPort device(Path namespace, Member member) throws Exception {
    TunPort made =
        NetworkNamespace.inside(
            namespace,
            () -> {
              TunPort port = opened(TunPort.open("bench", MTU, Set.of(Offload.values())));
              try (LinkControl control = LinkControl.open(port.name())) {
                control.mtu(MTU);
                control.address(member.v4().toInet(), 24);
                control.up();
              }
              return port;
            });
    // As the supervisor does it.
    String queue = Integer.toString(TunPort.QUEUE);
    List<String> lengthen =
        List.of("nsenter", "--net=" + namespace, "ip", "link", "set", "bench", "txqueuelen", queue);
    if (new ProcessBuilder(lengthen).inheritIO().start().waitFor() != 0) {
      throw new IOException("the queue of the device could not be set");
    }
    return made;
  }

  /// One way for bytes, at one end or the other.
  private record End(InputStream in, OutputStream out, AutoCloseable both) {}

  private interface Dial {
    End dial() throws Exception;
  }

  private End direct() throws Exception {
    return NetworkNamespace.inside(A, () -> end(new Socket(server, PORT)));
  }

  private static End end(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    return new End(socket.getInputStream(), socket.getOutputStream(), socket);
  }

  private End gate() throws Exception {
    GateConnection gate = dialer.tcp("web", PORT);
    return new End(
        new InputStream() {
          @Override
          public int read() {
            throw new IllegalStateException("nobody reads single bytes");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            int count = gate.line().read(into, offset, length);
            while (count == 0) {
              count = gate.line().read(into, offset, length);
            }
            return count;
          }
        },
        new OutputStream() {
          @Override
          public void write(int octet) {
            throw new IllegalStateException("nobody writes single bytes");
          }

          @Override
          public void write(byte[] from, int offset, int length) throws IOException {
            gate.line().write(from, offset, length);
          }
        },
        gate);
  }

  private void rounds(int rounds) throws Exception {
    ForwardSpec spec = Objects.requireNonNull(ForwardSpec.parse("0:web:" + PORT));
    Opening forward = opened(Forward.open(spec, dialer, System.out::println));
    String address = forward.address();
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    Dial forwarded = () -> end(new Socket(InetAddress.ofLiteral("127.0.0.1"), port));
    String only = System.getenv("GATE_BENCH_ONLY");
    for (int round = 0; round < rounds; round++) {
      for (int flows : new int[] {1, 1000}) {
        for (boolean up : new boolean[] {true, false}) {
          String way = " " + (up ? "to" : "from") + " the member";
          if (only == null || only.contains("direct")) {
            measure("direct" + way, this::direct, flows, up);
          }
          if (only == null || only.contains("gate")) {
            measure("gate" + way, this::gate, flows, up);
          }
          if (only == null || only.contains("forward")) {
            measure("forward" + way, forwarded, flows, up);
          }
        }
      }
    }
  }

  private void measure(String what, Dial dial, int flows, boolean up) throws Exception {
    long bytes = Long.getLong("gate.bench.bytes", 512L << 20);
    try (ServerSocket listening =
            NetworkNamespace.inside(B, () -> new ServerSocket(PORT, 4096, server));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<End> there = new ArrayList<>();
      Future<?> accepting =
          threads.submit(
              () -> {
                while (there.size() < flows) {
                  there.add(end(listening.accept()));
                }
                return null;
              });
      long begin = System.nanoTime();
      List<Future<End>> dialling = new ArrayList<>();
      for (int i = 0; i < flows; i++) {
        dialling.add(threads.submit(dial::dial));
      }
      List<End> here = new ArrayList<>();
      for (Future<End> one : dialling) {
        here.add(one.get());
      }
      accepting.get();
      double connected = (System.nanoTime() - begin) / 1e9;
      double seconds = move(threads, up ? here : there, up ? there : here, bytes / flows);
      System.out.printf(
          "figure %-26s %5d flows %7.2f Gbit/s, connected in %.2f s%n",
          what, flows, bytes * 8 / seconds / 1e9, connected);
      for (End end : here) {
        end.both.close();
      }
      for (End end : there) {
        end.both.close();
      }
    }
    Thread.sleep(300); // What is left of the connections goes.
  }

  /// Not each writer has its reader: whoever is the i-th here need not be so there.
  private static double move(ExecutorService threads, List<End> from, List<End> to, long each)
      throws Exception {
    long began = System.nanoTime();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < from.size(); i++) {
      End source = from.get(i);
      End sink = to.get(i);
      Callable<Void> writing =
          () -> {
            byte[] block = new byte[from.size() > 1 ? 1 << 14 : 1 << 16];
            for (long left = each; left > 0; left -= block.length) {
              source.out.write(block, 0, (int) Math.min(left, block.length));
            }
            return null;
          };
      Callable<Void> reading =
          () -> {
            byte[] block = new byte[from.size() > 1 ? 1 << 14 : 1 << 16];
            for (long left = each; left > 0; ) {
              int got = sink.in.read(block, 0, (int) Math.min(left, block.length));
              if (got < 0) {
                throw new IllegalStateException(left + " bytes are missing");
              }
              left -= got;
            }
            return null;
          };
      all.add(threads.submit(writing));
      all.add(threads.submit(reading));
    }
    for (Future<?> one : all) {
      one.get();
    }
    return (System.nanoTime() - began) / 1e9;
  }
}
