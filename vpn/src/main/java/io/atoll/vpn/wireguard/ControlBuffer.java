package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory for one datagram at a time that the engine itself sends. The engine's, under its lock.
final class ControlBuffer {
  private static final int LONGEST_PACKET = 65_535;

  /// Held, or the memory would go with it.
  private final MemorySegment memory =
      Arena.ofAuto().allocate(Outbound.HEADROOM + LONGEST_PACKET + Outbound.TAILROOM, 16);

  private final long address = memory.address();

  /// Where a datagram begins.
  long datagram() {
    return address;
  }

  /// A message that is sent as it is.
  long message(byte[] message) {
    Memory.copy(message, address, message.length);
    return address;
  }

  /// An inner packet, with room for what sealing puts around it.
  long packet(byte[] packet) {
    Memory.copy(packet, address + Outbound.HEADROOM, packet.length);
    return address + Outbound.HEADROOM;
  }
}
