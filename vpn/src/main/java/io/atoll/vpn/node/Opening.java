package io.atoll.vpn.node;

import io.atoll.vpn.device.DevicePort;
import io.atoll.vpn.node.NodeNetworks.Origin;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Inbound;
import io.atoll.vpn.wireguard.Outcome;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Peer;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Opens what comes from other nodes, and hands it to the switch of its network. For one thread;
/// there is one for each that reads.
final class Opening {
  private final Inbound inbound;
  private final Function<Peer, @Nullable Origin> origins;
  private final Consumer<Path> forgotten;
  private final EngineClock clock;
  private final List<NodeNetwork> touched = new ArrayList<>();

  // Of what came together: mostly all of it is one peer's.
  private @Nullable Peer lastPeer;
  private @Nullable Origin lastOrigin;

  /// @param forgotten told from where something came for a session that is not there
  Opening(
      Inbound inbound,
      Function<Peer, @Nullable Origin> origins,
      Consumer<Path> forgotten,
      EngineClock clock) {
    this.inbound = inbound;
    this.origins = origins;
    this.forgotten = forgotten;
    this.clock = clock;
  }

  /// Opens a datagram in place.
  ///
  /// @param memory native, in which it lies
  void open(MemorySegment memory, long at, int length, Path from) {
    Outcome outcome = inbound.open(memory.address() + at, length, from, clock.nanos());
    if (outcome == Outcome.UNKNOWN_SESSION) {
      forgotten.accept(from);
    }
    if (outcome != Outcome.DATA) {
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

  /// What came together is over.
  void end() {
    inbound.settle(clock.nanos());
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).delivered();
    }
    touched.clear();
    lastPeer = null;
    lastOrigin = null;
  }
}
