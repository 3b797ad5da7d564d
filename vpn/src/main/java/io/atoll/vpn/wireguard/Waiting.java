package io.atoll.vpn.wireguard;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Packets of one peer that wait for a key; when there are too many, the oldest go. Under the
/// peer's lock.
final class Waiting {
  static final int PACKETS = 256;
  static final int BYTES = 512 << 10;

  private final Deque<byte[]> packets = new ArrayDeque<>(1);
  private int bytes;

  /// @return how many were dropped for it
  int add(byte[] packet) {
    packets.addLast(packet);
    bytes += packet.length;
    int dropped = 0;
    while (packets.size() > PACKETS || bytes > BYTES) {
      byte[] oldest = packets.removeFirst();
      bytes -= oldest.length;
      dropped++;
    }
    return dropped;
  }

  byte @Nullable [] next() {
    byte[] packet = packets.pollFirst();
    if (packet != null) {
      bytes -= packet.length;
    }
    return packet;
  }

  boolean isEmpty() {
    return packets.isEmpty();
  }

  /// @return how many there were
  int drop() {
    int dropped = packets.size();
    packets.clear();
    bytes = 0;
    return dropped;
  }
}
