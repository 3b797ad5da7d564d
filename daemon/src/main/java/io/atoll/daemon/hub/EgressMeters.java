package io.atoll.daemon.hub;

import io.atoll.client.api.EgressRuleUse;
import io.atoll.client.api.EgressUse;
import io.atoll.client.api.NetworkView;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.Supplier;

/// What wants to leave the private networks of a hub, for whoever measures. It is asked when
/// somebody looks, so networks that are gone are gone here, too.
public final class EgressMeters implements MultiCollector {
  private static final String NETWORK = "network";
  private static final String OUTCOME = "outcome";

  private final Supplier<List<NetworkView>> networks;

  private EgressMeters(Supplier<List<NetworkView>> networks) {
    this.networks = networks;
  }

  /// @param networks answers soon, whatever the hub waits for
  public static void bind(PrometheusMeterRegistry registry, Supplier<List<NetworkView>> networks) {
    registry.getPrometheusRegistry().register(new EgressMeters(networks));
  }

  @Override
  public MetricSnapshots collect() {
    CounterSnapshot.Builder packets =
        CounterSnapshot.builder()
            .name("atoll_net_egress_packets")
            .help("Packets that wanted to leave a private network, by what became of them");
    CounterSnapshot.Builder bytes =
        CounterSnapshot.builder()
            .name("atoll_net_egress_bytes")
            .help("Bytes that wanted to leave a private network, by what became of them");
    CounterSnapshot.Builder denied =
        CounterSnapshot.builder()
            .name("atoll_net_egress_denied")
            .help("Connections and flows out of a private network that a provider's owner denied");
    CounterSnapshot.Builder rules =
        CounterSnapshot.builder()
            .name("atoll_net_egress_rule_packets")
            .help("Packets on which a rule of a private network decided");
    for (NetworkView network : networks.get()) {
      EgressUse use = network.egress();
      if (use == null) {
        continue;
      }
      String name = network.name();
      packets.dataPoint(point(use.packets(), NETWORK, name, OUTCOME, "left"));
      packets.dataPoint(point(use.refused(), NETWORK, name, OUTCOME, "refused"));
      packets.dataPoint(point(use.noExit(), NETWORK, name, OUTCOME, "no_exit"));
      bytes.dataPoint(point(use.bytes(), NETWORK, name, OUTCOME, "left"));
      bytes.dataPoint(point(use.refusedBytes(), NETWORK, name, OUTCOME, "refused"));
      denied.dataPoint(point(use.denied(), NETWORK, name));
      // A rule that is there twice is one that decides, and one that never does.
      use.rules().stream()
          .map(EgressRuleUse::rule)
          .distinct()
          .forEach(rule -> rules.dataPoint(point(of(use, rule), NETWORK, name, "rule", rule)));
    }
    return MetricSnapshots.of(packets.build(), bytes.build(), denied.build(), rules.build());
  }

  private static long of(EgressUse use, String rule) {
    return use.rules().stream()
        .filter(one -> one.rule().equals(rule))
        .mapToLong(EgressRuleUse::packets)
        .max()
        .orElse(0);
  }

  private static CounterDataPointSnapshot point(long count, String... labels) {
    return CounterDataPointSnapshot.builder().value(count).labels(Labels.of(labels)).build();
  }
}
