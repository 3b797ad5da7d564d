package io.atoll.daemon.sim;

import io.atoll.daemon.store.DeviceKeys;
import java.util.Base64;

/// Somebody who lets devices into a hub's network, by any provider, and takes some out again. An
/// answer that is lost is not waited for.
final class SimDevices {
  private static final int KEY_BYTES = 32;

  private final World world;
  private final SimHub hub;

  SimDevices(World world, SimHub hub) {
    this.world = world;
    this.hub = hub;
  }

  void begin(int count, long span) {
    for (int i = 0; i < count; i++) {
      String id = "d0000000" + i;
      long at = world.between(0, span);
      world.at(at, () -> invite(id));
      if (world.chance(0.5)) {
        world.at(world.between(at, span), () -> remove(id));
      }
    }
  }

  private void invite(String id) {
    SimProvider door = world.providers.get((int) world.between(0, world.providers.size() - 1));
    hub.ask(
        ticket -> new SimHub.Input.Invite(ticket, id, new DeviceKeys(key(), key()), door.id),
        _ -> {});
  }

  private String key() {
    byte[] bytes = new byte[KEY_BYTES];
    world.random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private void remove(String id) {
    hub.ask(ticket -> new SimHub.Input.Uninvite(ticket, id), _ -> {});
  }
}
