package io.atoll.daemon.network;

import io.atoll.vpn.node.NodeNetworks;
import io.atoll.vpn.vswitch.SwitchCounters.Lost;
import io.atoll.vpn.wireguard.Outcome;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What is measured of packets of private networks: what came to this node, and what went nowhere,
/// each with its reason. Nothing is counted twice: each meter asks who knows it.
public final class PacketMeters {
  private final MeterRegistry registry;
  private final NetworkDesk desk;

  private PacketMeters(MeterRegistry registry, NetworkDesk desk) {
    this.registry = registry;
    this.desk = desk;
  }

  public static void bind(MeterRegistry registry, NetworkDesk desk) {
    PacketMeters meters = new PacketMeters(registry, desk);
    NodeNetworks nodes = desk.nodes();
    for (Outcome outcome : Outcome.values()) {
      meters.counter(
          "atoll.net.datagrams",
          "Datagrams of WireGuard that came or went, and what became of them",
          "outcome",
          outcome,
          _ -> nodes.counted(outcome));
    }
    for (Lost why : Lost.values()) {
      meters.counter(
          "atoll.net.packets.lost",
          "Packets from and for members that went nowhere",
          "cause",
          why,
          _ -> nodes.lost(why));
    }
    FunctionCounter.builder("atoll.net.datagrams.strange", desk, NetworkDesk::strange)
        .description("Datagrams to this node's port that are of no protocol that it speaks")
        .register(registry);
    FunctionCounter.builder("atoll.net.datagrams.undelivered", nodes, NodeNetworks::lost)
        .description("Datagrams for other nodes to which no way led, or that the system refused")
        .register(registry);
  }

  private void counter(
      String name, String text, String tag, Enum<?> value, ToDoubleFunction<NetworkDesk> count) {
    FunctionCounter.builder(name, desk, count)
        .description(text)
        .tag(tag, value.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }
}
