package io.atoll.vpn.node;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.atoll.core.identity.PeerId;
import io.atoll.vpn.port.Link;
import io.atoll.vpn.port.PacketBatch;
import io.atoll.vpn.port.Splitter;
import io.atoll.vpn.vswitch.Uplink;
import io.atoll.vpn.wireguard.EngineClock;
import io.atoll.vpn.wireguard.Outbound;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Seals what one port's thread sends to other nodes. Datagrams for one peer gather one behind the
/// other, all but the last of one length, and go out in one call.
final class SealingUplink implements Uplink {
  /// What one call of the system takes (UDP_MAX_SEGMENTS of older kernels, and a datagram's
  /// length).
  private static final int MOST_DATAGRAMS = 64;

  private static final int MOST_BYTES = 65_000;
  private static final int ROOM = MOST_BYTES + PacketBatch.LONGEST + 128;

  private final Function<PeerId, @Nullable Peer> peers;
  private final Outbound outbound;
  private final Paths paths;
  private final EngineClock clock;
  private final Splitter packets = new Splitter(Link.IP);
  private final Splitter frames = new Splitter(Link.ETHERNET);
  private final MemorySegment buffer = Arena.ofAuto().allocate(ROOM, 64);

  // The datagrams that wait: for whom, where they begin and end, how long each is.
  private @Nullable Peer receiver;
  private int start;
  private int end;
  private int count;
  private int size;
  private boolean closed;

  SealingUplink(
      Function<PeerId, @Nullable Peer> peers, Outbound outbound, Paths paths, EngineClock clock) {
    this.peers = peers;
    this.outbound = outbound;
    this.paths = paths;
    this.clock = clock;
  }

  @Override
  public void send(PacketBatch batch, int entry, int header, PeerId node) {
    Peer peer = peers.apply(node);
    Splitter splitter = header == 0 ? packets : frames;
    if (peer == null || !splitter.begin(batch, entry)) {
      return;
    }
    long now = clock.nanos();
    while (splitter.next()) {
      add(
          peer,
          splitter.memory(),
          splitter.offset() + (long) header,
          splitter.length() - header,
          now);
    }
  }

  private void add(Peer peer, MemorySegment memory, long offset, int length, long now) {
    int most = Outbound.HEADROOM + length + Outbound.TAILROOM;
    if (closed
        || receiver != peer
        || count == MOST_DATAGRAMS
        || end - start + most > MOST_BYTES
        || end + most > ROOM) {
      go(now);
      end = 0;
    }
    int packet = end + Outbound.HEADROOM;
    MemorySegment.copy(memory, JAVA_BYTE, offset, buffer, JAVA_BYTE, packet, length);
    int datagram = outbound.seal(peer, buffer.address() + packet, length, now);
    if (datagram == 0) {
      return;
    }
    if (count > 0 && datagram > size) {
      go(now);
    }
    if (count == 0) {
      start = end;
      size = datagram;
      receiver = peer;
    }
    closed = datagram < size;
    end += datagram;
    count++;
  }

  /// Sends what waits.
  private void go(long now) {
    Peer peer = receiver;
    if (peer != null && count > 0) {
      paths.send(peer, buffer.address() + start, end - start, size);
      outbound.sent(peer, count, (long) end - start, now);
    }
    receiver = null;
    start = end;
    count = 0;
    closed = false;
  }

  @Override
  public void flush() {
    go(clock.nanos());
    end = 0;
  }
}
