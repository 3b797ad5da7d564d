package io.atoll.daemon.network;

import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.vpn.exit.ExitCounters;
import io.atoll.vpn.node.NodeNetwork;
import io.atoll.vpn.vswitch.EgressSum;
import io.atoll.vpn.vswitch.VirtualSwitch;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node tells of what would leave a network from there.
final class EgressTelling {
  private EgressTelling() {}

  /// @return null where nothing may leave and nothing wanted to
  static @Nullable NetworkEgress of(NetworkId id, Instant since, NodeNetwork network) {
    VirtualSwitch counted = network.vswitch();
    EgressSum sum = counted.egressSum();
    List<NetworkEgress.OfRule> rules =
        counted.egress().stream()
            .map(one -> new NetworkEgress.OfRule(one.rule().toString(), one.packets(), one.bytes()))
            .toList();
    if (rules.isEmpty() && sum.equals(EgressSum.NONE)) {
      return null;
    }
    List<NetworkEgress.OfMember> members =
        counted.egressSums().entrySet().stream()
            .limit(NetworkEgress.MOST_MEMBERS)
            .map(one -> new NetworkEgress.OfMember(one.getKey(), sum(one.getValue())))
            .toList();
    ExitCounters exit = network.exitCounters();
    long denied = exit == null ? 0 : exit.denied();
    return new NetworkEgress(id, since, sum(sum), denied, rules, members);
  }

  private static NetworkEgress.Sum sum(EgressSum of) {
    return new NetworkEgress.Sum(
        of.packets(), of.bytes(), of.refused(), of.refusedBytes(), of.noExit());
  }
}
