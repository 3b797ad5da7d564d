package io.atoll.daemon.peers;

import io.atoll.client.api.LatencyView;
import io.atoll.client.api.PeerLatency;
import io.atoll.core.identity.PeerId;
import io.atoll.p2p.latency.Latency;
import io.atoll.p2p.latency.LatencyTable;
import io.atoll.p2p.latency.Nearness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// The latency table, for whoever asks over the API.
final class LatencyDesk {
  private LatencyDesk() {}

  static LatencyView view(PeerId self, LatencyTable table, Duration within) {
    Instant now = Instant.now();
    Set<PeerId> nodes = table.nodes(Nearness.MAX_NODES - 1, now);
    List<PeerLatency> peers = new ArrayList<>();
    for (PeerId peer : nodes) {
      table
          .between(self, peer, now)
          .map(known -> new PeerLatency(peer, millis(known), known.confirmed()))
          .ifPresent(peers::add);
    }
    peers.sort(Comparator.comparingDouble(PeerLatency::rttMillis).thenComparing(PeerLatency::peer));
    List<PeerId> all = new ArrayList<>(nodes);
    all.add(self);
    List<List<PeerId>> groups =
        Nearness.groups(all, within, (a, b) -> table.between(a, b, now).map(Latency::roundTrip))
            .stream()
            .filter(group -> group.size() > 1)
            .toList();
    return new LatencyView(peers, table.size().reports(), (int) within.toMillis(), groups);
  }

  private static double millis(Latency known) {
    return LiveNetwork.millis(known.roundTrip());
  }
}
