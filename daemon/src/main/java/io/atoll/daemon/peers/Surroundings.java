package io.atoll.daemon.peers;

import io.atoll.p2p.mdns.MdnsSettings;
import java.util.Optional;

/// What a node does with the network that it stands in, where it listens there at all: on loopback
/// alone it does none of it.
///
/// @param mdns how it looks for peers on its network, under its rendezvous name; empty = not
/// @param portMapping whether it asks its gateway to let others in at its ports
public record Surroundings(Optional<MdnsSettings> mdns, boolean portMapping) {
  public static Surroundings left() {
    return new Surroundings(Optional.empty(), false);
  }

  public static Surroundings used(boolean mdns, boolean portMapping) {
    return new Surroundings(
        mdns ? Optional.of(MdnsSettings.standard()) : Optional.empty(), portMapping);
  }
}
