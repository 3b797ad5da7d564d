package io.atoll.daemon.hub;

import io.atoll.core.term.NetworkId;
import io.atoll.daemon.hub.machine.HubEvent;
import io.atoll.vpn.network.NodeKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the hub's own node said last, where the hub is no provider. It says everything once; a
/// machine that is loaded again has forgotten what is not on disk, and hears it from here.
final class OwnSaid {
  private final Consumer<HubEvent> machine;

  // Guarded by this, and so is what the machine is told: what was said last it hears last.
  private @Nullable List<String> addresses;
  private final Map<NetworkId, NodeKey> keys = new TreeMap<>();
  private final Map<NetworkId, NodeKey> doors = new TreeMap<>();

  /// @param machine takes events; returns at once
  OwnSaid(Consumer<HubEvent> machine) {
    this.machine = machine;
  }

  synchronized void news(@Nullable NodeKey key, @Nullable List<String> now) {
    if (key != null) {
      keys.put(key.network(), key);
    }
    if (now != null) {
      addresses = now;
    }
    machine.accept(new HubEvent.OwnNode(key, now));
  }

  synchronized void door(NodeKey key) {
    doors.put(key.network(), key);
    machine.accept(new HubEvent.OwnDoor(key));
  }

  /// It takes no part in a network any more, and has no keys for it.
  synchronized void left(NetworkId network) {
    keys.remove(network);
    doors.remove(network);
  }

  /// The machine is another one.
  synchronized void again() {
    List<String> now = addresses;
    if (now != null) {
      machine.accept(new HubEvent.OwnNode(null, now));
    }
    keys.values().forEach(key -> machine.accept(new HubEvent.OwnNode(key, null)));
    doors.values().forEach(door -> machine.accept(new HubEvent.OwnDoor(door)));
  }
}
