package io.atoll.p2p.udp;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.atoll.core.os.SocketName;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Remembers the addresses that packets came from, so that a known sender costs no object. A flood
/// of senders makes it forget, and nothing else. One thread.
final class SenderNames {
  private static final int PLACES = 256;

  /// In how many places an address may be: that many who fall together do not forget each other.
  private static final int NEXT_TO_EACH_OTHER = 4;

  private final MemorySegment known =
      Arena.ofAuto().allocate((long) PLACES * SocketName.ROOM, Long.BYTES);
  private final @Nullable InetSocketAddress[] addresses = new InetSocketAddress[PLACES];
  private int turn;

  /// @param names where the address is, with zeros behind it
  @Nullable InetSocketAddress of(MemorySegment names, long at, int length) {
    long a = names.get(JAVA_LONG, at);
    long b = names.get(JAVA_LONG, at + 8);
    // What lies behind a short address is left from another.
    long c = length > 16 ? names.get(JAVA_LONG, at + 16) : 0;
    long d = length > 24 ? names.get(JAVA_LONG, at + 24) & 0xffffffffL : 0;
    long mixed = (a * 31 + b) * 31 + c * 31 + d;
    int first = (int) ((mixed * 0x9e3779b97f4a7c15L) >>> 56);
    int free = -1;
    for (int i = 0; i < NEXT_TO_EACH_OTHER; i++) {
      int place = (first + i) % PLACES;
      InetSocketAddress address = addresses[place];
      if (address == null) {
        free = place;
        break;
      }
      long mine = (long) place * SocketName.ROOM;
      if (known.get(JAVA_LONG, mine) == a
          && known.get(JAVA_LONG, mine + 8) == b
          && known.get(JAVA_LONG, mine + 16) == c
          && known.get(JAVA_LONG, mine + 24) == d) {
        return address;
      }
    }
    int place = free >= 0 ? free : (first + (turn++ & NEXT_TO_EACH_OTHER - 1)) % PLACES;
    InetSocketAddress address = SocketName.read(names, at, length);
    long mine = (long) place * SocketName.ROOM;
    addresses[place] = address;
    known.set(JAVA_LONG, mine, a);
    known.set(JAVA_LONG, mine + 8, b);
    known.set(JAVA_LONG, mine + 16, c);
    known.set(JAVA_LONG, mine + 24, d);
    return address;
  }
}
