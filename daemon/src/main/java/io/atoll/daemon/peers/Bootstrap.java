package io.atoll.daemon.peers;

import io.atoll.core.identity.PeerId;
import io.atoll.core.multiformat.Multiaddr;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.host.PeerWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps connections to peers that the owner named: dials them, and dials them again. One thread
/// for each, which sleeps while its peer is connected.
final class Bootstrap implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Bootstrap.class);
  private static final Duration DIAL = Duration.ofSeconds(10);
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final String TAG = "bootstrap";

  private final NetworkHost host;
  private final Map<PeerId, List<String>> peers = new LinkedHashMap<>();
  private final Duration longest;
  private final List<Thread> threads = new ArrayList<>();

  private Bootstrap(NetworkHost host, List<Multiaddr> addresses, Duration longest) {
    this.host = host;
    this.longest = longest;
    for (Multiaddr address : addresses) {
      PeerId peer = PeerId.parse(address.peer().orElseThrow());
      if (!peer.equals(host.id())) {
        peers.computeIfAbsent(peer, _ -> new ArrayList<>()).add(address.toString());
      }
    }
  }

  /// @param addresses each with the peer at its end
  /// @param longest pause between two dials
  static Bootstrap start(NetworkHost host, List<Multiaddr> addresses, Duration longest) {
    Bootstrap bootstrap = new Bootstrap(host, addresses, longest);
    if (!bootstrap.peers.isEmpty()) {
      host.watch(bootstrap.new Watch());
    }
    bootstrap.peers.forEach(
        (peer, there) -> {
          host.swarm().tags().protect(peer, TAG);
          bootstrap.threads.add(
              Thread.ofVirtual().name("bootstrap").start(() -> bootstrap.keep(peer, there)));
        });
    return bootstrap;
  }

  private void keep(PeerId peer, List<String> addresses) {
    Duration pause = SHORTEST;
    boolean told = false;
    try {
      while (true) {
        try {
          host.connect(peer, addresses, DIAL);
          if (told) {
            LOG.info("bootstrap peer {} is reached again", peer);
          }
          told = false;
          pause = SHORTEST;
          awaitGone(peer);
        } catch (IOException e) {
          if (!told) {
            LOG.info("a bootstrap peer is dialled again and again: {}", e.getMessage());
          }
          told = true;
        }
        Thread.sleep(pause);
        Duration twice = pause.multipliedBy(2);
        pause = twice.compareTo(longest) < 0 ? twice : longest;
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitGone(PeerId peer) throws InterruptedException {
    while (host.connected(peer)) {
      wait(longest.toMillis());
    }
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }

  private final class Watch implements PeerWatch {
    @Override
    public void connected(PeerId peer, Multiaddr remote, boolean dialled) {}

    @Override
    public void disconnected(PeerId peer) {
      synchronized (Bootstrap.this) {
        Bootstrap.this.notifyAll();
      }
    }
  }
}
