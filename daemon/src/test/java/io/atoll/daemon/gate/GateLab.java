package io.atoll.daemon.gate;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.store.KeyRow;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.gateway.StackAtPort;
import io.atoll.vpn.gateway.StackSettings;
import io.atoll.vpn.gateway.TcpListener;
import io.atoll.vpn.gateway.TcpStream;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import io.atoll.vpn.node.GateMember;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.Offload;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.vswitch.Uplink;
import io.atoll.vpn.vswitch.VirtualSwitch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/// A network `mynet` on one node, in memory:
///
/// ```
///   gate 10.7.0.2   web 10.7.0.3 (a stack)   dns 10.7.0.4 (sends back)   10.7.0.5 raw
/// ```
public final class GateLab implements GateNetworks, AutoCloseable {
  private static final int MTU = 1420;

  /// What serves one connection at `web`.
  public interface Server {
    void serve(TcpStream stream) throws Exception;
  }

  private final TreeMap<String, Member> members = new TreeMap<>();
  private final VirtualSwitch vswitch;
  private final Gate gate;
  private final StackAtPort web;
  private final List<AutoCloseable> opened = new ArrayList<>();

  public GateLab() {
    PeerId self = Identity.generate().id();
    Network network =
        Network.of(NetworkId.random(new Random(1)), "mynet", self, Cidr.parse("10.7.0.0/24"));
    for (String name : List.of("gate", "web", "dns", "raw")) {
      int number = 2 + members.size();
      members.put(
          name,
          new Member(
              name,
              name,
              self,
              network.v4().base().plus(number),
              network.v6().base().plus(number)));
    }
    vswitch =
        new VirtualSwitch(
            self, new Membership(network, 1, members, new TreeMap<>()), MTU, Nowhere::new);
    gate = GateMember.open(vswitch, member("gate"), MTU);
    MemoryPort.Pair ends = MemoryPort.pair(Link.IP, MTU, Set.of(Offload.values()));
    vswitch.attach(member("web"), ends.one(), null);
    web =
        StackAtPort.start(
            StackSettings.usual(
                (Inet4Address) member("web").v4().toInet(),
                (Inet6Address) member("web").v6().toInet(),
                MTU),
            ends.other());
    MemoryPort.Pair mirror = MemoryPort.pair(Link.IP, MTU, Set.of());
    vswitch.attach(member("dns"), mirror.one(), null);
    Thread.ofPlatform().daemon().start(() -> sendBack(mirror.other()));
  }

  private Member member(String name) {
    return Objects.requireNonNull(members.get(name), "a member");
  }

  /// Nobody is elsewhere.
  private static final class Nowhere implements Uplink {
    @Override
    public void send(PacketBatch batch, int entry, int header, PeerId node) {}

    @Override
    public void flush() {}
  }

  /// Swaps addresses and ports of packets of IPv4, which no sum minds.
  private static void sendBack(PacketPort port) {
    PacketBatch batch = PacketBatch.usual();
    byte[] both = new byte[8];
    try {
      while (true) {
        int count = port.receive(batch);
        MemorySegment memory = batch.memory();
        for (int i = 0; i < count; i++) {
          int at = batch.offset(i);
          swap(memory, at + 12, 4, both);
          swap(memory, at + 20, 2, both);
        }
        port.send(batch);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void swap(MemorySegment memory, int at, int length, byte[] both) {
    MemorySegment.copy(memory, JAVA_BYTE, at, both, 0, 2 * length);
    MemorySegment.copy(both, 0, memory, JAVA_BYTE, at + length, length);
    MemorySegment.copy(both, length, memory, JAVA_BYTE, at, length);
  }

  @Override
  public Gate gate(String network, KeyRow caller) {
    if (!network.equals("mynet")) {
      throw new AtollException(ErrorCode.NOT_FOUND, "no network is named " + network, "");
    }
    return gate;
  }

  @Override
  public PacketPort raw(String network, String address, KeyRow caller) {
    if (!address.equals("10.7.0.5")) {
      throw new AtollException(ErrorCode.NOT_FOUND, "you have no such address", "");
    }
    MemoryPort.Pair ends = MemoryPort.pair(Link.IP, MTU, Set.of());
    vswitch.attach(member("raw"), ends.one(), null);
    return ends.other();
  }

  /// Serves a port of `web` from now on.
  public void serve(int port, Server server) {
    TcpListener listener = web.stack().listen(port);
    opened.add(listener);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  TcpStream stream = listener.accept();
                  Thread.ofVirtual().start(() -> serve(server, stream));
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
  }

  private static void serve(Server server, TcpStream stream) {
    try (stream) {
      server.serve(stream);
    } catch (Exception e) {
      stream.abort();
    }
  }

  /// Sends back what comes, and ends when the other side has.
  public void echo(int port) {
    serve(port, stream -> stream.input().transferTo(stream.output()));
  }

  /// Connections that are open at the gate.
  public int connections() {
    return gate.counters().connections();
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    gate.close();
    web.close();
    vswitch.close();
  }
}
