package io.atoll.daemon.peers;

import io.atoll.core.error.AtollException;
import io.atoll.daemon.peers.PeerNetwork.Parts;
import io.atoll.p2p.gossip.machine.GossipStats;
import io.atoll.p2p.host.NetworkHost;
import io.atoll.p2p.kad.machine.KadStats;
import io.atoll.p2p.mdns.MdnsEvent;
import io.atoll.p2p.relay.RelayService;
import io.atoll.p2p.swarm.Refusals;
import io.atoll.p2p.swarm.Swarm;
import io.atoll.p2p.transport.Role;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// What is measured of the network of peers. Nothing is counted twice: each meter asks who knows it
/// when somebody looks; what is not there yet is 0.
public final class NetworkMeters {
  private final MeterRegistry registry;
  private final PeerNetwork network;

  private NetworkMeters(MeterRegistry registry, PeerNetwork network) {
    this.registry = registry;
    this.network = network;
  }

  public static void bind(MeterRegistry registry, PeerNetwork network) {
    NetworkMeters meters = new NetworkMeters(registry, network);
    meters.connections();
    meters.dht();
    meters.gossip();
    meters.relay();
    meters.discovery();
  }

  private void connections() {
    NetworkHost host = network.host();
    for (Role role : Role.values()) {
      Gauge.builder(
              "atoll.p2p.connections",
              () -> host.swarm().connections().stream().filter(each -> each.role() == role).count())
          .description("Connections to peers, by who dialled")
          .tag("direction", role == Role.INITIATOR ? "out" : "in")
          .register(registry);
    }
    gauge(
        "atoll.p2p.connections.relayed",
        "Connections to peers that go through a relay",
        () -> host.swarm().connections().stream().filter(each -> each.limited()).count());
    gauge("atoll.p2p.streams", "Streams to peers", () -> host.swarm().resources().streams());
    gauge(
        "atoll.p2p.peers.known",
        "Peers of which something is known",
        () -> host.peers().all().size());
    for (String outcome : List.of("reached", "failed")) {
      FunctionCounter.builder(
              "atoll.p2p.dials", host.swarm().dials(), dials -> count(dials, outcome))
          .description("Dials to peers, by how they ended")
          .tag("outcome", outcome)
          .register(registry);
    }
    FunctionCounter.builder("atoll.p2p.refused", host.swarm().refusals(), NetworkMeters::sum)
        .description(
            "Connections and streams that limits or rules refused, and connections trimmed")
        .register(registry);
  }

  private static double count(Refusals counts, String cause) {
    return counts.counts().getOrDefault(cause, 0L);
  }

  private static double sum(Refusals counts) {
    return counts.counts().values().stream().mapToLong(each -> each).sum();
  }

  private void dht() {
    gauge("atoll.p2p.dht.peers", "Peers in the routing table", () -> ofDht(KadStats::peers));
    gauge("atoll.p2p.dht.records", "Values kept for others", () -> ofDht(KadStats::records));
    gauge("atoll.p2p.dht.providers", "Providers kept", () -> ofDht(KadStats::providers));
    counter("atoll.p2p.dht.answered", "Requests of others", () -> ofDht(KadStats::answered));
    counter("atoll.p2p.dht.refused", "Requests refused", () -> ofDht(KadStats::refused));
    counter("atoll.p2p.dht.failed", "Own requests without answer", () -> ofDht(KadStats::failed));
  }

  private double ofDht(ToDoubleFunction<KadStats> value) {
    return ask(parts -> value.applyAsDouble(parts.kad().stats()));
  }

  private void gossip() {
    gauge("atoll.p2p.gossip.peers", "Peers that gossip", () -> ofGossip(GossipStats::peers));
    gauge("atoll.p2p.gossip.topics", "Topics of this node", () -> ofGossip(GossipStats::topics));
    counter("atoll.p2p.gossip.delivered", "Messages read", () -> ofGossip(GossipStats::delivered));
    counter(
        "atoll.p2p.gossip.duplicates", "Copies besides", () -> ofGossip(GossipStats::duplicates));
    counter(
        "atoll.p2p.gossip.rejected",
        "Messages that were wrong",
        () -> ofGossip(GossipStats::rejected));
    counter(
        "atoll.p2p.gossip.dropped", "Messages not looked at", () -> ofGossip(GossipStats::dropped));
  }

  private double ofGossip(ToDoubleFunction<GossipStats> value) {
    return ask(parts -> value.applyAsDouble(parts.gossip().stats()));
  }

  private void relay() {
    gauge(
        "atoll.p2p.relay.reservations",
        "Peers that are reached through this node",
        () -> ofRelay(RelayService::reservations));
    gauge(
        "atoll.p2p.relay.circuits",
        "Connections between others that go through this node",
        () -> ofRelay(RelayService::circuits));
    counter(
        "atoll.p2p.punched",
        "Holes punched to peers",
        () -> ask(parts -> count(parts.punch().outcomes(), "punched")));
  }

  private double ofRelay(ToDoubleFunction<RelayService> value) {
    return ask(
        parts -> {
          RelayService relay = parts.relay();
          return relay == null ? 0 : value.applyAsDouble(relay);
        });
  }

  private void discovery() {
    counter(
        "atoll.p2p.network.outsiders",
        "Handshakes with peers that did not have the key of the private network",
        () -> count(network.host().swarm().refusals(), Swarm.OUTSIDE_NETWORK));
    gauge(
        "atoll.p2p.ports.mapped",
        "Ports that the gateway maps to this node",
        () -> network.around().ports().map(MappedPorts::mapped).orElse(0L));
    for (MdnsEvent event : MdnsEvent.values()) {
      FunctionCounter.builder(
              "atoll.p2p.mdns",
              network,
              _ -> network.around().peers().map(local -> local.counts().get(event)).orElse(0L))
          .description("What happened on mDNS")
          .tag("event", event.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    gauge(
        "atoll.p2p.latency.peers",
        "Peers whose round trip this node measured",
        () -> ask(parts -> parts.latency().table().size().own()));
    gauge(
        "atoll.p2p.latency.reports",
        "Reports of round trips of other nodes",
        () -> ask(parts -> parts.latency().table().size().reports()));
    counter(
        "atoll.p2p.filtered",
        "Peers that were found and that p2p.filter ruled out before they were dialled",
        () -> ask(parts -> parts.meetings().passedOver()));
    counter(
        "atoll.p2p.left",
        "Peers that discovery hung up on once it knew them",
        () -> ask(parts -> parts.meetings().left()));
    gauge("atoll.p2p.adverts", "Advertisements known", () -> ask(parts -> parts.adverts().known()));
  }

  private interface Question {
    double of(Parts parts) throws InterruptedException;
  }

  private double ask(Question question) {
    try {
      Parts parts = network.partsIfThere().orElse(null);
      return parts == null ? 0 : question.of(parts);
    } catch (AtollException closing) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void gauge(String name, String text, Supplier<Number> value) {
    Gauge.builder(name, value).description(text).register(registry);
  }

  private void counter(String name, String text, Supplier<Double> value) {
    // The object is held weakly there; this one lives as long as the daemon.
    FunctionCounter.builder(name, network, _ -> value.get()).description(text).register(registry);
  }
}
