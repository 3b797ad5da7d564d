package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Aead;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.machine.PeerEvent;
import io.atoll.vpn.wireguard.machine.Timing;
import org.jspecify.annotations.Nullable;

/// Seals what goes out of one identity, on the thread that reads the packets. Either packet by
/// packet with `send`, or `route` and `seal` for each packet of a batch, and `sent` when the batch
/// is on its way. For one thread; there may be several.
public final class Outbound {
  /// What has to be free before a packet, for the header of its datagram.
  public static final int HEADROOM = Keypair.HEADER;

  private static final int PADDING = 16;

  /// What has to be free behind it, for padding and tag.
  public static final int TAILROOM = PADDING - 1 + Aead.TAG;

  private final Engine engine;
  private final LocalIdentity identity;
  private final int mtu;

  Outbound(Engine engine, LocalIdentity identity, int mtu) {
    this.engine = engine;
    this.identity = identity;
    this.mtu = mtu;
  }

  /// Whom a packet is for, by its destination; null if for nobody, which is counted.
  public @Nullable Peer route(long packet, int length) {
    Peer peer = null;
    int version = length == 0 ? 0 : Memory.byteAt(packet) >>> 4;
    if (version == 4 && length >= 20) {
      peer = identity.owners().ownerOf4(Memory.intBe(packet + 16));
    } else if (version == 6 && length >= 40) {
      peer = identity.owners().ownerOf6(Memory.longBe(packet + 24), Memory.longBe(packet + 32));
    }
    if (peer == null) {
      engine.count(Outcome.NO_ROUTE);
    }
    return peer;
  }

  /// Seals a packet in place, with room before and behind it.
  ///
  /// @return the length of the datagram, which begins `HEADROOM` before the packet; 0 if there is
  ///     no session: a copy then waits for one, and one is begun
  public int seal(Peer peer, long packet, int length, long now) {
    Keypair key = peer.usable(now);
    if (key != null) {
      int padded = length + padding(length, mtu);
      Memory.putZeros(packet + length, padded - length);
      long number = key.seal(packet, padded);
      if (number >= 0) {
        if (number >= Timing.REKEY_AFTER_MESSAGES) {
          peer.event(now, PeerEvent.KEY_WORN);
        }
        return HEADROOM + padded + Aead.TAG;
      }
    }
    await(peer, packet, length, now);
    return 0;
  }

  private void await(Peer peer, long packet, int length, long now) {
    byte[] copy = new byte[length];
    Memory.copy(packet, copy, length);
    int dropped = peer.await(copy);
    engine.count(Outcome.WAITS);
    engine.count(Outcome.WAITED_IN_VAIN, dropped);
    peer.event(now, PeerEvent.WAITING);
  }

  /// Says that what was sealed for a peer since the last time was given to its path.
  public void sent(Peer peer, int packets, long bytes, long now) {
    peer.sent(bytes);
    engine.count(Outcome.SENT, packets);
    peer.event(now, PeerEvent.DATA_SENT);
  }

  /// Routes, seals and sends one packet.
  public Outcome send(long packet, int length, long now) {
    Peer peer = route(packet, length);
    if (peer == null) {
      return Outcome.NO_ROUTE;
    }
    int datagram = seal(peer, packet, length, now);
    if (datagram == 0) {
      return Outcome.WAITS;
    }
    engine.paths().send(peer, packet - HEADROOM, datagram, datagram);
    sent(peer, 1, datagram, now);
    return Outcome.SENT;
  }

  /// How many zeros go behind a packet: up to a multiple of 16, but not over the MTU.
  static int padding(int length, int mtu) {
    int last = mtu > 0 && length > mtu ? length % mtu : length;
    int padded = (last + PADDING - 1) & -PADDING;
    return (mtu > 0 ? Math.min(padded, mtu) : padded) - last;
  }
}
