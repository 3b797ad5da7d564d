package io.atoll.vpn.node;

import io.atoll.p2p.udp.UdpSocket;
import io.atoll.vpn.wireguard.Path;
import io.atoll.vpn.wireguard.Paths;
import io.atoll.vpn.wireguard.Peer;
import io.atoll.vpn.wireguard.UdpPath;
import io.atoll.vpn.wireguard.crypto.Memory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Each peer at one address of UDP: where it was last heard, or where it is said to be.
final class UdpPaths implements Paths {
  private final UdpSocket socket;
  private final Map<Peer, UdpPath> last = new ConcurrentHashMap<>();
  private final LongAdder lost = new LongAdder();

  UdpPaths(UdpSocket socket) {
    this.socket = socket;
  }

  /// Says where a peer is.
  void endpoint(Peer peer, InetSocketAddress address) {
    last.put(peer, new UdpPath(address));
  }

  /// Datagrams that had nowhere to go, or that the system did not take.
  long lost() {
    return lost.sum();
  }

  @Override
  public void send(Peer peer, long address, int length, int segment) {
    int datagrams = (length + segment - 1) / segment;
    UdpPath path = last.get(peer);
    if (path == null) {
      lost.add(datagrams);
      return;
    }
    try {
      int taken = socket.send(Memory.all(), address, length, segment, path.address());
      if (taken < datagrams) {
        lost.add(datagrams - taken);
      }
    } catch (IOException e) {
      lost.add(datagrams);
    }
  }

  @Override
  public void reply(Path to, byte[] datagram) {
    if (to instanceof UdpPath(InetSocketAddress address)) {
      try {
        socket.send(ByteBuffer.wrap(datagram), address);
      } catch (IOException e) {
        lost.increment();
      }
    }
  }

  @Override
  public void heard(Peer peer, Path from) {
    if (from instanceof UdpPath udp && !udp.equals(last.get(peer))) {
      last.put(peer, udp);
    }
  }

  @Override
  public void forgotten(Peer peer) {
    last.remove(peer);
  }
}
