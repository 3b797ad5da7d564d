package io.atoll.p2p.host;

import io.atoll.core.identity.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// A host that may also talk to itself. libp2p lets no node dial itself, but the hub and the
/// provider of one daemon speak the same protocol as two daemons do; their streams stay in memory.
public final class LoopbackHost implements Host {
  private final Host network;
  private final Map<String, StreamHandler> handlers = new ConcurrentHashMap<>();

  /// Owns `network` and closes it.
  public LoopbackHost(Host network) {
    this.network = network;
  }

  @Override
  public PeerId id() {
    return network.id();
  }

  @Override
  public List<String> listening() {
    return network.listening();
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    handlers.put(protocol, handler);
    network.handle(protocol, handler);
  }

  @Override
  public void connect(PeerId peer, List<String> addresses, Duration timeout)
      throws IOException, InterruptedException {
    if (!peer.equals(id())) {
      network.connect(peer, addresses, timeout);
    }
  }

  @Override
  public void unhandle(String protocol) {
    handlers.remove(protocol);
    network.unhandle(protocol);
  }

  @Override
  public void named(List<String> addresses) {
    network.named(addresses);
  }

  @Override
  public boolean connected(PeerId peer) {
    return peer.equals(id()) || network.connected(peer);
  }

  /// Of itself it does not tell.
  @Override
  public void watch(PeerWatch watch) {
    network.watch(watch);
  }

  @Override
  public Stream open(PeerId peer, String protocol) throws IOException, InterruptedException {
    if (!peer.equals(id())) {
      return network.open(peer, protocol);
    }
    StreamHandler handler = handlers.get(protocol);
    if (handler == null) {
      throw new IOException("this node does not speak " + protocol);
    }
    List<MemoryStream> ends = MemoryStream.pair(peer, protocol);
    MemoryStream served = ends.get(1);
    Thread.ofVirtual()
        .name("loopback " + protocol)
        .start(
            () -> {
              try {
                handler.accept(served);
                served.close();
              } catch (IOException | InterruptedException | RuntimeException e) {
                served.reset();
              }
            });
    return ends.get(0);
  }

  @Override
  public Duration ping(PeerId peer) throws IOException, InterruptedException {
    return peer.equals(id()) ? Duration.ZERO : network.ping(peer);
  }

  @Override
  public void disconnect(PeerId peer) {
    if (!peer.equals(id())) {
      network.disconnect(peer);
    }
  }

  @Override
  public void protect(PeerId peer, String tag) {
    network.protect(peer, tag);
  }

  @Override
  public void unprotect(PeerId peer, String tag) {
    network.unprotect(peer, tag);
  }

  @Override
  public void close() {
    network.close();
  }
}
