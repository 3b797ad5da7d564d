package io.atoll.vpn.vswitch;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.port.PacketBatch;

/// The way from a switch to those on other nodes. One thread, which says at the end of each of its
/// batches that it was all.
public interface Uplink {
  /// Sends one entry, a super-packet perhaps; its bytes, with headroom and tailroom, are used up.
  ///
  /// @param header bytes before the packet of IP, which do not go along
  void send(PacketBatch batch, int entry, int header, PeerId node);

  void flush();
}
