package io.atoll.daemon.gate;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.network.NetworkDesk;
import io.atoll.daemon.network.NetworkDesk.Known;
import io.atoll.daemon.store.KeyRow;
import io.atoll.vpn.gateway.Gate;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.node.GateMember;
import io.atoll.vpn.node.NodeNetwork;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.MemoryPort;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.vswitch.VirtualSwitch;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The gates of a hub whose daemon is a node of its networks: each network gets a member of its own
/// for that, once somebody wants in.
public final class HubGates implements GateNetworks, AutoCloseable {
  /// The id of that member.
  static final String MEMBER = "gate";

  private static final String OTHER_NAME = "atoll-gate";
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 10;

  /// What gates need of a hub.
  public interface Seats {
    /// Who is in a network; empty if there is none such.
    Optional<Membership> membership(String network);

    /// Makes this node's gate a member. Once more changes nothing.
    ///
    /// @throws AtollException CONFLICT if somebody has that name
    void take(String network, String holder, String name) throws InterruptedException;
  }

  private final Seats seats;
  private final NetworkDesk desk;
  private final PeerId self;
  private final Map<NetworkId, Open> gates = new HashMap<>(); // under the lock of this object

  private record Open(Gate gate, Member member, VirtualSwitch vswitch) {
    boolean is(Member now, VirtualSwitch there) {
      return member.equals(now) && vswitch.equals(there);
    }
  }

  public HubGates(Seats seats, NetworkDesk desk, PeerId self) {
    this.seats = seats;
    this.desk = desk;
    this.self = self;
  }

  @Override
  public synchronized Gate gate(String network, KeyRow caller) {
    Membership membership = membership(network);
    NetworkId id = membership.network().id();
    sweep();
    try {
      if (here(membership, MEMBER) == null) {
        take(network);
      }
      return opened(network, id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AtollException(
          ErrorCode.NOT_READY, "the hub is stopping", "ask again in a moment", e);
    }
  }

  private Membership membership(String network) {
    return seats
        .membership(network)
        .orElseThrow(
            () ->
                new AtollException(
                    ErrorCode.NOT_FOUND,
                    "there is no network '" + network + "'",
                    "atoll net list shows them; make one: atoll net create NAME"));
  }

  private @Nullable Member here(Membership membership, String id) {
    Member member = membership.members().get(id);
    return member != null && member.node().equals(self) ? member : null;
  }

  private void take(String network) throws InterruptedException {
    try {
      seats.take(network, MEMBER, MEMBER);
    } catch (AtollException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      seats.take(network, MEMBER, OTHER_NAME); // A task is called so already.
    }
  }

  /// This node hears of its new member as of any other change.
  private Gate opened(String network, NetworkId id) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Known known = desk.known(id);
      NodeNetwork joined = desk.nodes().network(id);
      Member member = known == null ? null : here(known.membership(), MEMBER);
      if (known != null && joined != null && member != null) {
        return opened(id, member, joined.vswitch(), known.mtu());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AtollException(
            ErrorCode.NOT_READY,
            "this hub's node has not joined network " + network + " yet",
            "ask again in a moment");
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private Gate opened(NetworkId id, Member member, VirtualSwitch vswitch, int mtu) {
    Open open = gates.get(id);
    if (open != null && open.is(member, vswitch)) {
      return open.gate;
    }
    if (open != null) {
      open.gate.close();
      desk.detach(id, MEMBER);
    }
    Gate gate = GateMember.open(vswitch, member, mtu);
    gates.put(id, new Open(gate, member, vswitch));
    return gate;
  }

  /// Networks that are gone take their gates along.
  private void sweep() {
    gates
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = desk.nodes().network(entry.getKey()) == null;
              if (gone) {
                entry.getValue().gate.close();
              }
              return gone;
            });
  }

  @Override
  public PacketPort raw(String network, String address, KeyRow caller) {
    Membership membership = membership(network);
    NetworkId id = membership.network().id();
    Member member = at(membership, address);
    if (member == null || !isOf(member, caller)) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "this key was given no such address in network " + membership.network().name(),
          "atoll net members " + membership.network().name() + " lists the addresses");
    }
    Known known = desk.known(id);
    int mtu = known == null ? 0 : known.mtu();
    MemoryPort.Pair ends = mtu == 0 ? null : MemoryPort.pair(Link.IP, mtu, Set.of());
    if (ends == null || !desk.attach(id, member.id(), ends.one(), null)) {
      throw new AtollException(
          ErrorCode.NOT_READY,
          "this hub's node has not joined network " + membership.network().name() + " yet",
          "ask again in a moment");
    }
    return ends.other();
  }

  /// The id of a member that is an app's: nobody else opens its packets.
  ///
  /// @param name anything that keeps the app's members apart
  public static String memberOf(KeyRow app, String name) {
    return memberOf(app.id(), name);
  }

  /// The same by the id of the key.
  public static String memberOf(String keyId, String name) {
    return "app." + keyId + "." + name;
  }

  private boolean isOf(Member member, KeyRow caller) {
    return member.node().equals(self) && member.id().startsWith(memberOf(caller, ""));
  }

  private static @Nullable Member at(Membership membership, String text) {
    IpAddress address;
    try {
      address = IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
    return membership.members().values().stream()
        .filter(member -> member.v4().equals(address) || member.v6().equals(address))
        .findFirst()
        .orElse(null);
  }

  @Override
  public synchronized void close() {
    gates.values().forEach(open -> open.gate.close());
    gates.clear();
  }
}
