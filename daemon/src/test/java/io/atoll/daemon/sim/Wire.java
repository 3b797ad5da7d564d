package io.atoll.daemon.sim;

import io.atoll.market.activity.ToHub;
import io.atoll.market.activity.ToProvider;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// One connection of a provider to a hub: two streams, each in order, that may stand still, and end
/// at any byte.
final class Wire {
  private static final Object END = new Object();

  final World world;
  final long session;
  final SimProvider provider;
  final SimHub hub;
  private final Channel toHub = new Channel();
  private final Channel toProvider = new Channel();
  private boolean providerOpen = true;
  private boolean hubOpen = true;

  Wire(World world, long session, SimProvider provider, SimHub hub) {
    this.world = world;
    this.session = session;
    this.provider = provider;
    this.hub = hub;
  }

  void send(ToHub message) {
    if (providerOpen) {
      toHub.add(message);
    }
  }

  void send(ToProvider message) {
    if (hubOpen) {
      toProvider.add(message);
    }
  }

  /// The provider's side ends: by its own will, or with its daemon.
  void closeByProvider() {
    if (providerOpen) {
      providerOpen = false;
      toHub.add(END);
    }
  }

  void closeByHub() {
    if (hubOpen) {
      hubOpen = false;
      toProvider.add(END);
    }
  }

  /// The connection breaks; what is on the way may be lost.
  void reset() {
    if (world.chance(0.7)) {
      toHub.lose();
    }
    if (world.chance(0.7)) {
      toProvider.lose();
    }
    toHub.add(END);
    toProvider.add(END);
  }

  private void arrive(Channel channel, Object message) {
    if (channel == toHub) {
      if (!hubOpen) {
        return;
      }
      if (message == END) {
        hubOpen = false;
        hub.disconnected(this);
      } else if (message instanceof ToHub said) {
        hub.receive(this, said);
      }
    } else {
      if (!providerOpen) {
        return;
      }
      if (message == END) {
        providerOpen = false;
        provider.disconnected(this);
      } else if (message instanceof ToProvider said) {
        provider.receive(this, said);
      }
    }
  }

  /// One direction.
  private final class Channel {
    private record Item(Object message, long due) {}

    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private boolean draining;

    void add(Object message) {
      long latency =
          world.chaos && world.chance(0.02)
              ? world.between(50 * World.MILLI, 1500 * World.MILLI)
              : world.between(200_000, 20 * World.MILLI);
      long due = world.time + latency;
      @Nullable Item last = items.peekLast();
      items.addLast(new Item(message, last == null ? due : Math.max(due, last.due())));
      drain();
    }

    void lose() {
      int keep = (int) world.between(0, items.size());
      while (items.size() > keep) {
        items.pollLast();
      }
    }

    private void drain() {
      if (draining || items.isEmpty()) {
        return;
      }
      draining = true;
      world.at(items.peekFirst().due() - world.time, this::deliver);
    }

    private void deliver() {
      draining = false;
      if (items.isEmpty()) {
        return;
      }
      if (world.partitioned(provider.id, hub.id)) {
        draining = true;
        world.at(100 * World.MILLI, this::deliver);
        return;
      }
      if (items.peekFirst().due() <= world.time) {
        arrive(this, items.pollFirst().message());
      }
      drain();
    }
  }
}
