package io.atoll.vpn.relay;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.path.Allowance;
import io.atoll.vpn.stream.PacketStream;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// One client's end of what a relay passes on between it and one other node.
final class Seat implements NumberTable.Numbered {
  /// Where a client is bound: at an address, or on a stream.
  sealed interface Place {
    record At(InetSocketAddress address) implements Place {}

    record On(PacketStream stream) implements Place {}
  }

  private final int number;
  final PeerId client;
  final PeerId other;
  final Allowance allowance;

  /// By what the client knows this seat.
  private volatile int tag;

  private volatile byte[] key;

  private volatile @Nullable Seat partner;
  private volatile @Nullable Place place;

  // Under the lock of this object.
  private long counter;
  private long boundAt;

  Seat(
      int number, PeerId client, PeerId other, int tag, byte[] key, Allowance allowance, long now) {
    this.number = number;
    this.client = client;
    this.other = other;
    this.tag = tag;
    this.key = key;
    this.allowance = allowance;
    this.boundAt = now;
  }

  @Override
  public int number() {
    return number;
  }

  int tag() {
    return tag;
  }

  byte[] key() {
    return key;
  }

  /// Its client asks for it again: with another key, so that nothing of before counts.
  synchronized void renew(int nextTag, byte[] nextKey, long now) {
    tag = nextTag;
    key = nextKey;
    counter = 0;
    boundAt = now;
  }

  @Nullable Seat partner() {
    return partner;
  }

  void partner(@Nullable Seat seat) {
    partner = seat;
  }

  @Nullable Place place() {
    return place;
  }

  /// @return false if that was said before, or by somebody who has overheard it
  synchronized boolean bind(long with, Place where, long now) {
    if (with <= counter) {
      return false;
    }
    counter = with;
    boundAt = now;
    if (!where.equals(place)) {
      place = where;
    }
    return true;
  }

  synchronized long boundAt() {
    return boundAt;
  }
}
