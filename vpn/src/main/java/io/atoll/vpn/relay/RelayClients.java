package io.atoll.vpn.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.Host;
import io.atoll.p2p.host.PeerWatch;
import io.atoll.p2p.udp.PacketKind;
import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.stream.PacketReceiver;
import io.atoll.vpn.stream.PacketStreams;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The relays that this node uses.
public final class RelayClients implements AutoCloseable {
  /// More are not used at once.
  static final int MOST = 4;

  /// Hears what happens at relays. It returns at once.
  public interface Listener {
    /// A relay takes messages now.
    void talks(PeerId relay);

    /// Whether a relay leads to that node is different now.
    void changed(PeerId node);

    /// A node waits at a relay for this one.
    void asked(PeerId relay, PeerId node);

    void told(PeerId relay, PeerId node, byte[] news);

    /// A relay has seen this node there.
    void seen(InetSocketAddress address);
  }

  /// Takes the packets that a relay passed on, without their headers.
  public interface Inner {
    /// @param memory native, in which the packet lies at the position of its buffer
    void received(MemorySegment memory, ByteBuffer packet, ClientSeat from);

    void batchEnded();
  }

  private final Host host;
  private final UdpSocket socket;
  private final PacketStreams streams;
  private final Listener listener;
  private final NumberTable<ClientSeat> table;
  private final Map<PeerId, RelayClient> relays = new ConcurrentHashMap<>();
  private final Map<PeerId, InetSocketAddress> connections = new ConcurrentHashMap<>();

  private RelayClients(
      Host host,
      UdpSocket socket,
      PacketStreams streams,
      Listener listener,
      RandomGenerator random) {
    this.host = host;
    this.socket = socket;
    this.streams = streams;
    this.listener = listener;
    this.table = new NumberTable<>(random);
  }

  /// @param socket whose packets from relays belong to this from now on
  /// @param streams likewise
  /// @param inner one for each thread that reads
  public static RelayClients start(
      Host host,
      UdpSocket socket,
      PacketStreams streams,
      Listener listener,
      Supplier<Inner> inner,
      RandomGenerator random) {
    RelayClients clients = new RelayClients(host, socket, streams, listener, random);
    host.watch(clients.new Connections());
    Inner ofSocket = inner.get();
    socket.handle(
        PacketKind.RELAYED,
        new UdpSocket.Receiver() {
          @Override
          public void received(ByteBuffer packet, InetSocketAddress from) {
            clients.received(socket.memory(), packet, from, ofSocket);
          }

          @Override
          public void batchEnded() {
            ofSocket.batchEnded();
          }
        });
    streams.handle(
        PacketKind.RELAYED,
        _ -> {
          Inner ofStream = inner.get();
          return new PacketReceiver() {
            @Override
            public void received(MemorySegment memory, ByteBuffer packet) {
              clients.received(memory, packet, null, ofStream);
            }

            @Override
            public void batchEnded() {
              ofStream.batchEnded();
            }
          };
        });
    return clients;
  }

  private final class Connections implements PeerWatch {
    @Override
    public void connected(PeerId peer, Multiaddr remote, boolean dialled) {
      InetAddress address = literal(remote);
      if (address != null) {
        connections.put(peer, new InetSocketAddress(address, 1));
      }
    }

    @Override
    public void disconnected(PeerId peer) {
      connections.remove(peer);
    }
  }

  /// The address where a connection leads; null if over a relay, or to a name.
  private static @Nullable InetAddress literal(Multiaddr remote) {
    return switch (remote.parts().getFirst().protocol()) {
      case IP4, IP6 ->
          remote.toString().contains("/p2p-circuit")
              ? null
              : InetAddress.ofLiteral(remote.parts().getFirst().value());
      default -> null;
    };
  }

  /// Uses a relay, unless that is done or there are enough.
  ///
  /// @param addresses where it is dialled; none for those that are known
  /// @param lasting whether it is tried for ever; else until it cannot be reached
  /// @return whether it is used now
  public synchronized boolean use(PeerId relay, List<String> addresses, boolean lasting) {
    if (relay.equals(host.id())) {
      return false;
    }
    if (!relays.containsKey(relay)) {
      if (relays.size() >= MOST) {
        return false;
      }
      RelayClient client =
          new RelayClient(
              relay,
              addresses,
              lasting ? () -> {} : () -> drop(relay),
              host,
              socket,
              streams,
              table,
              listener,
              connections::get);
      relays.put(relay, client);
      client.start();
    }
    return true;
  }

  private synchronized void drop(PeerId relay) {
    RelayClient client = relays.remove(relay);
    if (client != null) {
      client.close();
    }
  }

  public boolean uses(PeerId relay) {
    return relays.containsKey(relay);
  }

  /// The relays that take messages now.
  public List<PeerId> talking() {
    List<PeerId> talking = new ArrayList<>();
    relays.forEach(
        (relay, client) -> {
          if (client.talks()) {
            talking.add(relay);
          }
        });
    return talking;
  }

  /// Asks all relays for a seat beside a node.
  public void meet(PeerId node) {
    relays.values().forEach(relay -> meet(relay, node));
  }

  /// Asks one.
  public void meet(PeerId relay, PeerId node) {
    RelayClient client = relays.get(relay);
    if (client != null) {
      meet(client, node);
    }
  }

  private static void meet(RelayClient relay, PeerId node) {
    if (!relay.meets(node)) {
      relay.meet(node);
    }
  }

  public void leave(PeerId node) {
    relays.values().forEach(relay -> relay.leave(node));
  }

  /// Sends news to a node by all relays: it may be at any.
  public void tell(PeerId node, byte[] news) {
    relays.values().forEach(relay -> relay.tell(node, news));
  }

  /// The relays that lead to a node now.
  public List<PeerId> leadingTo(PeerId node) {
    List<PeerId> leading = new ArrayList<>();
    relays.forEach(
        (relay, client) -> {
          if (client.leadsTo(node)) {
            leading.add(relay);
          }
        });
    return leading;
  }

  public @Nullable ClientSeat seat(PeerId relay, PeerId node) {
    RelayClient client = relays.get(relay);
    return client == null ? null : client.seat(node);
  }

  private void received(
      MemorySegment memory, ByteBuffer packet, @Nullable InetSocketAddress from, Inner inner) {
    ClientSeat seat = table.get(RelayFrame.number(packet));
    if (seat == null) {
      return;
    }
    switch (RelayFrame.type(packet)) {
      case RelayFrame.OUT -> {
        seat.heard();
        packet.position(packet.position() + RelayFrame.HEADER);
        inner.received(memory, packet, seat);
      }
      case RelayFrame.BOUND -> {
        InetSocketAddress seen = seat.bound(packet, from);
        if (seen != null) {
          listener.seen(seen);
        }
      }
      default -> {}
    }
  }

  @Override
  public synchronized void close() {
    relays.values().forEach(RelayClient::close);
    relays.clear();
  }
}
