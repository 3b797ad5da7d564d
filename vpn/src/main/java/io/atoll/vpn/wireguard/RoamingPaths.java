package io.atoll.vpn.wireguard;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// One address of UDP for each peer, as stock WireGuard has it: where the peer was last heard, or
/// where it is said to be until it was.
public final class RoamingPaths implements Paths {
  private final Sender sender;
  private final Map<Peer, UdpPath> last = new ConcurrentHashMap<>();

  /// Sends one datagram, or drops it; does not wait.
  @FunctionalInterface
  public interface Sender {
    void send(ByteBuffer datagram, InetSocketAddress to);
  }

  public RoamingPaths(Sender sender) {
    this.sender = sender;
  }

  /// Says where a peer is.
  public void endpoint(Peer peer, InetSocketAddress address) {
    last.put(peer, new UdpPath(address));
  }

  public Optional<InetSocketAddress> endpoint(Peer peer) {
    return Optional.ofNullable(last.get(peer)).map(UdpPath::address);
  }

  @Override
  public void send(Peer peer, long address, int length, int segment) {
    UdpPath path = last.get(peer);
    if (path == null) {
      return;
    }
    ByteBuffer all = MemorySegment.ofAddress(address).reinterpret(length).asByteBuffer();
    for (int at = 0; at < length; at += segment) {
      sender.send(all.slice(at, Math.min(segment, length - at)), path.address());
    }
  }

  @Override
  public void reply(Path to, byte[] datagram) {
    if (to instanceof UdpPath udp) {
      sender.send(ByteBuffer.wrap(datagram), udp.address());
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
