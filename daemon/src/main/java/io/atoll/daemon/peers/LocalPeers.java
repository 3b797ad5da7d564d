package io.atoll.daemon.peers;

import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.mdns.FoundPeer;
import io.atoll.p2p.mdns.Mdns;
import io.atoll.p2p.mdns.MdnsEvent;
import io.atoll.p2p.mdns.MdnsSettings;
import io.atoll.p2p.mdns.ServiceTag;
import io.atoll.p2p.peer.PeerStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// Finds the peers of this node's rendezvous name on its network, by mDNS, until it is closed. What
/// anybody there says of a peer is hearsay: who it is it proves when it is dialled.
final class LocalPeers implements AutoCloseable {
  /// Whoever does not fit is told of again within a minute.
  private static final int WAITING = 64;

  private final NetworkHost host;
  private final Meetings meetings;
  private final BlockingQueue<FoundPeer> found = new ArrayBlockingQueue<>(WAITING);
  private final Thread meeter;
  private @Nullable Mdns mdns;

  private LocalPeers(NetworkHost host, Meetings meetings) {
    this.host = host;
    this.meetings = meetings;
    this.meeter = Thread.ofVirtual().name("local-peers").unstarted(this::meet);
  }

  /// @param settings under the name that its peers have in common
  /// @throws IOException if this system has no mDNS
  static LocalPeers start(NetworkHost host, MdnsSettings settings, Meetings meetings)
      throws IOException {
    LocalPeers peers = new LocalPeers(host, meetings);
    peers.mdns = Mdns.start(host.id(), host::listening, settings, peers::take);
    peers.meeter.start();
    return peers;
  }

  /// Nodes of a private network look for their own kind alone.
  static ServiceTag tag(NetworkSettings settings) {
    String name = settings.rendezvous();
    return ServiceTag.ofRendezvous(
        settings.key().map(key -> name + " " + key.fingerprint()).orElse(name));
  }

  private void take(FoundPeer peer) {
    boolean _ = found.offer(peer);
  }

  private void meet() {
    try {
      while (true) {
        List<FoundPeer> some = new ArrayList<>(List.of(found.take()));
        found.drainTo(some);
        for (FoundPeer peer : some) {
          host.peers().learnAddresses(peer.peer(), peer.addresses(), PeerStore.HEARSAY);
        }
        meetings.meet(
            some.stream().map(one -> new Meetings.Found(one.peer(), one.addresses())).toList());
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  Map<MdnsEvent, Long> counts() {
    return Optional.ofNullable(mdns).map(Mdns::counts).orElse(Map.of());
  }

  @Override
  public void close() {
    Optional.ofNullable(mdns).ifPresent(Mdns::close);
    meeter.interrupt();
  }
}
