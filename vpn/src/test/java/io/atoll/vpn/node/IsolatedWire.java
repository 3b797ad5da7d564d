package io.atoll.vpn.node;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// The way between the nodes, in the hands of somebody who reads, keeps, changes and repeats what
/// goes over it.
final class IsolatedWire {
  private static final int KEPT = 256;

  private record Datagram(int from, int to, byte[] bytes) {}

  private final Isolation world;
  private List<Datagram> flying = new ArrayList<>();
  private final List<Datagram> kept = new ArrayList<>();
  private long datagrams;
  private long refused;

  IsolatedWire(Isolation world) {
    this.world = world;
  }

  long datagrams() {
    return datagrams;
  }

  long refused() {
    return refused;
  }

  void take(int from, int to, byte[] bytes) {
    flying.add(new Datagram(from, to, bytes));
  }

  /// @return whether there was anything
  boolean deliver() {
    List<Datagram> now = flying;
    flying = new ArrayList<>();
    Random random = world.random;
    for (Datagram one : now) {
      keep(one);
      switch (random.nextInt(20)) {
        case 0 -> {
          // It is lost.
        }
        case 1 -> {
          land(one);
          land(one);
        }
        case 2 -> {
          land(one);
          land(kept.get(random.nextInt(kept.size())));
        }
        case 3 -> {
          land(new Datagram(one.from, one.to, changed(one.bytes)));
          land(one);
        }
        case 4 -> {
          land(mixed(one, kept.get(random.nextInt(kept.size()))));
          land(one);
        }
        case 5 -> {
          // To another node than it was for, or from another.
          land(new Datagram(one.to, random.nextInt(3), one.bytes));
          land(one);
        }
        default -> land(one);
      }
    }
    return !now.isEmpty();
  }

  private void keep(Datagram one) {
    if (kept.size() < KEPT) {
      kept.add(one);
    } else {
      kept.set(world.random.nextInt(KEPT), one);
    }
  }

  private byte[] changed(byte[] bytes) {
    Random random = world.random;
    byte[] other = bytes.clone();
    if (random.nextBoolean()) {
      other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
      return other;
    }
    return java.util.Arrays.copyOf(other, random.nextInt(other.length) + 1);
  }

  /// What one session sealed, with the index or the counter of another.
  private static Datagram mixed(Datagram one, Datagram other) {
    byte[] bytes = one.bytes.clone();
    if (bytes.length >= 16 && other.bytes.length >= 16) {
      ByteBuffer from = ByteBuffer.wrap(other.bytes).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(4, from.getInt(4));
    }
    return new Datagram(one.from, other.to, bytes);
  }

  private void land(Datagram one) {
    datagrams++;
    if (!world.nodes.get(one.to).received(one.bytes, one.from)) {
      refused++;
    }
  }
}
