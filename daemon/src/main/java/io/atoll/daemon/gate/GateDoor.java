package io.atoll.daemon.gate;

import io.atoll.core.term.IpAddress;
import io.atoll.daemon.store.KeyRow;
import java.time.Duration;

/// Opens what a WebSocket is to be connected to, before the caller is told that it may speak.
public final class GateDoor {
  /// How long a member may take to answer.
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final GateNetworks networks;
  private final PairedPorts pairs = new PairedPorts();

  public GateDoor(GateNetworks networks) {
    this.networks = networks;
  }

  /// @param target what to connect to
  /// @param halfClosing whether the caller knows that an empty message ends one direction
  /// @throws AtollException NOT_FOUND for what is not known, GATEWAY_REFUSED, GATEWAY_UNREACHABLE
  ///     or TIMEOUT for what cannot be reached, NO_CAPACITY where too much is open
  public Talk open(GateTarget target, KeyRow caller, boolean halfClosing)
      throws InterruptedException {
    return switch (target) {
      case GateTarget.Tcp(String network, String host, int port) ->
          new StreamTalk(networks.gate(network, caller).tcp(host, port, PATIENCE), halfClosing);
      case GateTarget.Udp(String network, String host, int port) ->
          new DatagramTalk(networks.gate(network, caller).udp(host, port));
      case GateTarget.Raw(String network, String address) ->
          new PacketTalk(networks.raw(network, address, caller));
      case GateTarget.Pair(String network, IpAddress from, IpAddress to) ->
          new PacketTalk(
              pairs.open(
                  network,
                  caller.id(),
                  from,
                  to,
                  () -> networks.raw(network, from.toString(), caller)));
    };
  }
}
