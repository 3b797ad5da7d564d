package io.atoll.vpn.wireguard;

import io.atoll.vpn.wireguard.crypto.Aead;
import io.atoll.vpn.wireguard.crypto.AeadSuite;
import io.atoll.vpn.wireguard.crypto.Memory;
import io.atoll.vpn.wireguard.machine.Timing;
import io.atoll.vpn.wireguard.noise.TransportKeys;
import io.atoll.vpn.wireguard.route.ReplayWindow;

/// The keys of one session, one for each direction, each with a lock of its own: ciphers serve one
/// thread at a time, and their memory is the library's. After `close` it seals and opens nothing.
final class Keypair implements IndexTable.Slot {
  static final int HEADER = 16;
  static final int DATA = 4;

  private final int index;
  private final Peer peer;
  private final int remoteIndex;
  private final boolean ours;
  private final long born;

  private final Object sending = new Object();
  private final Aead sealing;
  private long counter;
  private boolean sealed;

  private final Object receiving = new Object();
  private final Aead opening;
  private final ReplayWindow window = new ReplayWindow();
  private boolean closed;

  /// @param ours we began the handshake
  Keypair(
      AeadSuite suite,
      int index,
      Peer peer,
      int remoteIndex,
      boolean ours,
      long born,
      TransportKeys keys) {
    this.index = index;
    this.peer = peer;
    this.remoteIndex = remoteIndex;
    this.ours = ours;
    this.born = born;
    this.sealing = suite.key(keys.send());
    this.opening = suite.key(keys.receive());
    keys.wipe();
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public Peer peer() {
    return peer;
  }

  boolean ours() {
    return ours;
  }

  boolean fresh(long now) {
    return now - born < Timing.REJECT_AFTER_TIME;
  }

  /// Seals in place, with the header in the 16 bytes before the address and the tag behind.
  ///
  /// @return how many were sealed before; -1 if the key may be used no longer
  long seal(long address, int length) {
    synchronized (sending) {
      if (sealed || counter >= Timing.REJECT_AFTER_MESSAGES) {
        return -1;
      }
      long number = counter++;
      Memory.putIntLe(address - 16, DATA);
      Memory.putIntLe(address - 12, remoteIndex);
      Memory.putLongLe(address - 8, number);
      sealing.seal(number, address, length, address);
      return number;
    }
  }

  /// Opens in place what lies behind the header of a datagram.
  ///
  /// @param length of the datagram, 32 at least
  Outcome open(long datagram, int length) {
    long number = Memory.longLe(datagram + 8);
    if (number < 0 || number >= Timing.REJECT_AFTER_MESSAGES) {
      return Outcome.MALFORMED;
    }
    long body = datagram + HEADER;
    synchronized (receiving) {
      if (closed) {
        return Outcome.UNKNOWN_SESSION;
      }
      if (!opening.open(number, body, length - HEADER, body)) {
        return Outcome.FORGED;
      }
      return window.accept(number) ? Outcome.DATA : Outcome.REPLAYED;
    }
  }

  /// Uses up numbers, as if so many packets had been sealed; for tests of what then happens.
  void wear(long messages) {
    synchronized (sending) {
      counter = Math.addExact(counter, messages);
    }
  }

  void close() {
    synchronized (sending) {
      sealed = true;
      sealing.close();
    }
    synchronized (receiving) {
      closed = true;
      opening.close();
    }
  }
}
