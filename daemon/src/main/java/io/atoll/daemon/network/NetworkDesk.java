package io.atoll.daemon.network;

import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.IpAddress;
import io.atoll.core.term.MacAddress;
import io.atoll.core.term.NetworkId;
import io.atoll.daemon.store.PrivateFiles;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.market.activity.NodeReach;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.device.Device;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.NodeKey;
import io.atoll.vpn.node.NodeNetwork;
import io.atoll.vpn.node.NodeNetworks;
import io.atoll.vpn.port.PacketPort;
import io.atoll.vpn.relay.RelayLimits;
import io.atoll.vpn.wireguard.crypto.PrivateKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All that a daemon has for private networks: one socket, one key for each, and what is attached
/// here. It does what it is told, and decides nothing. Its packets flow whether or not those who
/// told it are still there.
public final class NetworkDesk implements AutoCloseable {
  /// Told on whichever thread; returns at once.
  public interface Listener {
    /// By this key the node seals packets of a network.
    void key(NodeKey key);

    /// By this key devices know the node in a network.
    void door(NodeKey key);

    /// Here it is reached from now on.
    void addresses(List<String> now);
  }

  /// A network as it was told last.
  public record Known(Membership membership, int mtu) {}

  private static final Logger LOG = LoggerFactory.getLogger(NetworkDesk.class);
  private static final Duration LOOK_AROUND = Duration.ofSeconds(3);

  private final UdpSocket socket;
  private final NodeNetworks nodes;
  private final NodeKeys keys;
  private final Map<NetworkId, Known> known = new ConcurrentHashMap<>();

  /// Since when this node counts in a network.
  private final Map<NetworkId, Instant> begun = new ConcurrentHashMap<>();

  private volatile Listener listener =
      new Listener() {
        @Override
        public void key(NodeKey key) {}

        @Override
        public void door(NodeKey key) {}

        @Override
        public void addresses(List<String> now) {}
      };

  // Guarded by this.
  private final Map<PeerId, NodeReach> reach = new HashMap<>();

  /// Where this machine itself is a member, as which.
  private final Map<NetworkId, Member> own = new HashMap<>();

  /// Where devices are let in, by which key.
  private final Map<NetworkId, PrivateKey> doors = new HashMap<>();

  private final PeerId self;

  /// Whether there are peers to ask for a way.
  private final boolean peers;

  private final boolean host;
  private final Thread looker;

  private NetworkDesk(
      UdpSocket socket, Identity identity, Path folder, @Nullable Host peers, boolean host) {
    this.socket = socket;
    this.self = identity.id();
    this.peers = peers != null;
    this.host = host;
    this.keys = new NodeKeys(folder, identity);
    this.nodes =
        peers == null
            ? NodeNetworks.start(identity.id(), socket)
            : NodeNetworks.start(socket, peers);
    this.looker = Thread.ofVirtual().name("addresses for networks").unstarted(this::lookAround);
  }

  /// @param folder its own, made if it is not there
  /// @param port of UDP; 0 = the one that it had last, or any
  /// @param peers over which nodes tell each other where they are, and which lead to those that
  ///     nothing else leads to; null = only what is told here counts
  /// @param host whether this machine itself may be a member, by an interface of its own
  public static NetworkDesk open(
      Path folder, Identity identity, @Nullable Host peers, int port, boolean host)
      throws IOException {
    PrivateFiles.createFolder(folder);
    String missing = host ? HostDevice.missing() : null;
    if (missing != null) {
      LOG.warn(
          "this machine is itself in no private network: {}. Interfaces are made by root, or by who"
              + " has CAP_NET_ADMIN",
          missing);
    }
    NetworkDesk desk =
        new NetworkDesk(
            OwnSocket.bind(folder, port), identity, folder, peers, host && missing == null);
    desk.looker.start();
    return desk;
  }

  /// Where this machine is reached may change while it runs; who has told that to others hears it.
  private void lookAround() {
    List<String> before = outside();
    try {
      while (true) {
        Thread.sleep(LOOK_AROUND);
        List<String> now = outside();
        // None: it is between two of them, and what was said may be right again.
        if (!now.equals(before) && !now.isEmpty()) {
          before = now;
          listener.addresses(now);
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether this machine itself can be a member.
  public boolean host() {
    return host;
  }

  public void listen(Listener told) {
    listener = told;
  }

  /// How many datagrams came that are of no protocol that this node speaks.
  long strange() {
    return socket.dropped();
  }

  /// Of UDP, at which packets come.
  public int port() {
    return socket.address().getPort();
  }

  /// Where it is reached, `host:port` of UDP; its loopback where there is nothing else.
  public List<String> addresses() {
    List<String> far = outside();
    return far.isEmpty() ? List.of("127.0.0.1:" + port()) : far;
  }

  private List<String> outside() {
    try {
      // What goes to an address inside a network goes through it, and is no way to this node.
      return OwnSocket.addresses(socket, device -> HostDevice.isOne(device, known.keySet()));
    } catch (IOException e) {
      LOG.debug("the addresses of this machine cannot be listed", e);
      return List.of();
    }
  }

  /// Takes part in a network as it is from now on.
  ///
  /// @param devices those that reach it through this node
  public synchronized void put(
      Membership membership, int mtu, List<NodeReach> others, List<Device> devices) {
    NetworkId id = membership.network().id();
    known.put(id, new Known(membership, mtu));
    NodeNetwork there = nodes.network(id);
    if (there == null) {
      there = join(membership, mtu);
    } else {
      there.update(membership);
    }
    if (there != null) {
      attachHost(there, membership, mtu);
      letIn(there, id, devices);
    }
    others.forEach(one -> reach.put(one.node(), one));
    if (there != null) {
      for (PeerId node : membership.nodes()) {
        NodeReach where = reach.get(node);
        if (where != null) {
          tell(there, where);
        }
      }
    }
  }

  /// Nobody is let in by a node that never had a device there: it has no door then.
  private void letIn(NodeNetwork joined, NetworkId id, List<Device> devices) {
    PrivateKey open = doors.get(id);
    if (open != null) {
      joined.serve(open, devices);
      return;
    }
    if (devices.isEmpty()) {
      return;
    }
    try {
      NodeKeys.Pair door = keys.door(id);
      joined.serve(door.secret(), devices);
      doors.put(id, door.secret());
      listener.door(door.signed());
    } catch (IOException e) {
      LOG.error(
          "no device reaches network {} through this node: its key cannot be kept: {}",
          id,
          PrivateFiles.reason(e));
    }
  }

  /// This machine is a member, or is no longer, or elsewhere.
  private void attachHost(NodeNetwork joined, Membership membership, int mtu) {
    NetworkId id = membership.network().id();
    Member now = host ? membership.members().get(self.text()) : null;
    if (Objects.equals(now, own.get(id))) {
      return;
    }
    if (own.remove(id) != null) {
      joined.detach(self.text());
    }
    if (now == null) {
      return;
    }
    try {
      joined.attach(now, HostDevice.open(membership.network(), now, mtu), null);
      own.put(id, now);
      LOG.info("this machine is {} in network {}", now.v4(), membership.network().name());
    } catch (IOException e) {
      LOG.warn(
          "this machine is not in network {}: {}", membership.network().name(), e.getMessage());
    }
  }

  private @Nullable NodeNetwork join(Membership membership, int mtu) {
    NetworkId id = membership.network().id();
    try {
      NodeKeys.Pair key = keys.of(id);
      NodeNetwork joined = nodes.join(membership, key.secret(), mtu);
      begun.put(id, Instant.now());
      listener.key(key.signed());
      return joined;
    } catch (IOException e) {
      LOG.error(
          "this node takes no part in network {} ({}): its key cannot be kept: {}",
          membership.network().name(),
          id,
          PrivateFiles.reason(e));
      return null;
    }
  }

  /// Tells the nodes of all networks that were told that this one is there again.
  public void greet() {
    nodes.greet();
  }

  /// Takes part no longer: its ports are closed, its key is gone.
  public synchronized void leave(NetworkId network) {
    known.remove(network);
    begun.remove(network);
    own.remove(network);
    doors.remove(network);
    nodes.leave(network);
    try {
      keys.forget(network);
    } catch (IOException e) {
      LOG.warn("the keys for network {} could not be removed: {}", network, e.getMessage());
    }
  }

  /// Another node is reached there.
  public synchronized void reach(NodeReach where) {
    reach.put(where.node(), where);
    for (Known one : known.values()) {
      NodeNetwork network = nodes.network(one.membership.network().id());
      if (network != null && one.membership.nodes().contains(where.node())) {
        tell(network, where);
      }
    }
  }

  /// The most promising last, since what is said last counts most.
  private static void tell(NodeNetwork network, NodeReach where) {
    for (String text : where.addresses().reversed()) {
      InetSocketAddress address = parse(text);
      if (address != null) {
        network.reach(where.node(), address);
      }
    }
  }

  private static @Nullable InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      String host = text.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
      return new InetSocketAddress(
          IpAddress.parse(host).toInet(), Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      return null; // From somebody who knows other ways than we do.
    }
  }

  /// What is known of a network; null if it was not told of, or left.
  public @Nullable Known known(NetworkId network) {
    return known.get(network);
  }

  /// Whether anything may leave a network from here, as far as its owner and this node's say.
  public boolean leaves(NetworkId network) {
    Known one = known.get(network);
    return one != null && one.membership.egress().any() && nodes.outside().any();
  }

  /// What became of all that would leave networks from here, for those where something would, or
  /// may.
  public List<NetworkEgress> egress() {
    List<NetworkEgress> all = new ArrayList<>();
    known.forEach(
        (id, one) -> {
          NodeNetwork network = nodes.network(id);
          Instant since = begun.get(id);
          NetworkEgress told =
              network == null || since == null ? null : EgressTelling.of(id, since, network);
          if (told != null) {
            all.add(told);
          }
        });
    return all;
  }

  /// Attaches a member's port. It is the network's from then on.
  ///
  /// @param card of the guest, where the port is one of Ethernet
  /// @return false if this node is not in the network, or the member not on it
  public synchronized boolean attach(
      NetworkId network, String member, PacketPort port, @Nullable MacAddress card) {
    Known one = known.get(network);
    NodeNetwork joined = nodes.network(network);
    Member who = one == null ? null : one.membership.members().get(member);
    if (joined == null || who == null) {
      return false;
    }
    joined.detach(member);
    joined.attach(who, port, card);
    return true;
  }

  /// Closes a member's port; nothing happens if it has none.
  public synchronized void detach(NetworkId network, String member) {
    NodeNetwork joined = nodes.network(network);
    if (joined != null) {
      joined.detach(member);
    }
  }

  /// Nodes may be met at that one, where nothing else leads to them.
  ///
  /// @param addresses where it is dialled
  public void meetAt(PeerId relay, List<String> addresses) {
    if (peers && !relay.equals(self)) {
      nodes.useRelay(relay, addresses);
    }
  }

  /// Passes packets on for others from now on, which it cannot read.
  ///
  /// @param clients who may ask for it
  public void passOn(Predicate<PeerId> clients) {
    if (peers) {
      var _ = nodes.passOn(clients, RelayLimits.defaults());
    }
  }

  /// The networks themselves.
  public NodeNetworks nodes() {
    return nodes;
  }

  @Override
  public void close() {
    looker.interrupt();
    nodes.close();
    socket.close();
  }
}
