package io.atoll.vpn.node;

import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.device.DevicePort;
import io.atoll.vpn.node.NodeNetworks.Origin;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Inbound;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.UdpPath;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Opens what comes to the socket, and hands it to the switch of its network. On the socket's
/// thread.
final class OpeningReceiver implements UdpSocket.Receiver {
  private final MemorySegment memory;
  private final Inbound inbound;
  private final Function<Peer, @Nullable Origin> origins;
  private final EngineClock clock;
  private final List<NodeNetwork> touched = new ArrayList<>();
  private @Nullable UdpPath last;

  // Of this batch: mostly all of it comes from one peer.
  private @Nullable Peer lastPeer;
  private @Nullable Origin lastOrigin;

  /// @param memory in which the packets lie that come
  OpeningReceiver(
      MemorySegment memory,
      Inbound inbound,
      Function<Peer, @Nullable Origin> origins,
      EngineClock clock) {
    this.memory = memory;
    this.inbound = inbound;
    this.origins = origins;
    this.clock = clock;
  }

  /// The socket gives the same object for a sender that it remembers.
  @Override
  @SuppressWarnings("ReferenceEquality")
  public void received(ByteBuffer packet, InetSocketAddress from) {
    UdpPath path = last;
    if (path == null || path.address() != from) {
      path = new UdpPath(from);
      last = path;
    }
    long datagram = memory.address() + packet.position();
    if (inbound.open(datagram, packet.remaining(), path, clock.nanos()) != Outcome.DATA) {
      return;
    }
    Peer peer = inbound.peer();
    Origin origin = lastOrigin;
    if (origin == null || peer != lastPeer) {
      origin = origins.apply(peer);
      lastPeer = peer;
      lastOrigin = origin;
    }
    if (origin == null) {
      return; // it has just left
    }
    NodeNetwork network = origin.network();
    DevicePort device = origin.device();
    if (device != null) {
      device.arrived(memory, inbound.packet() - memory.address(), inbound.length());
      return;
    }
    network.deliver(origin.node(), memory, inbound.packet() - memory.address(), inbound.length());
    if (!touched.contains(network)) {
      touched.add(network);
    }
  }

  @Override
  public void batchEnded() {
    inbound.settle(clock.nanos());
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).delivered();
    }
    touched.clear();
    lastPeer = null;
    lastOrigin = null;
  }
}
