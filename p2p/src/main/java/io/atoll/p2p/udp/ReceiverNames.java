package io.atoll.p2p.udp;

import io.atoll.core.os.SocketName;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/// Remembers how the system writes the addresses that packets go to, so that one who is sent to
/// again costs no object. Too many of them make it forget, and nothing else. One thread.
final class ReceiverNames {
  private static final int PLACES = 256;

  private final boolean six;
  private final Map<InetSocketAddress, Integer> places = new HashMap<>();
  private final MemorySegment names =
      Arena.ofAuto().allocate((long) PLACES * SocketName.ROOM, Long.BYTES);
  private int length;

  /// @param six whether the socket is one of IPv6
  ReceiverNames(boolean six) {
    this.six = six;
  }

  /// Writes an address.
  ///
  /// @return its length
  /// @throws IOException if such a socket does not reach such an address
  int write(InetSocketAddress to, MemorySegment into, long at) throws IOException {
    Integer known = places.get(to);
    int place = known == null ? remember(to) : known;
    MemorySegment.copy(names, (long) place * SocketName.ROOM, into, at, length);
    return length;
  }

  private int remember(InetSocketAddress to) throws IOException {
    if (places.size() == PLACES) {
      places.clear();
    }
    int place = places.size();
    int written = SocketName.write(names, (long) place * SocketName.ROOM, to, six);
    if (written < 0) {
      throw new IOException("sending to " + to + ": not the kind of address that the socket has");
    }
    length = written; // the same for all that one socket can send to
    places.put(to, place);
    return place;
  }
}
