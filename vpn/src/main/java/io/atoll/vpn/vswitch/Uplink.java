package io.atoll.vpn.vswitch;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.port.PacketBatch;

/// The way from a switch to those on other nodes. Any thread sends; a thread that has sent says at
/// the end of its batch that it was all.
public interface Uplink {
  /// Sends one entry, a super-packet perhaps; its bytes, with headroom and tailroom, are used up.
  ///
  /// @param header bytes before the packet of IP, which do not go along
  void send(PacketBatch batch, int entry, int header, PeerId node);

  void flush();
}
