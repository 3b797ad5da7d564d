package io.atoll.daemon.hub.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.atoll.client.api.EgressRuleUse;
import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressSum;
import io.atoll.client.api.EgressUse;
import io.atoll.client.api.EgressView;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.core.term.Cidr;
import io.atoll.core.term.NetworkId;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import io.atoll.vpn.network.Network;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What is made of counts that no honest node has.
class EgressCountsTest {
  private static final NetworkId ID = new NetworkId("n000000000001");

  private final PeerId node = Identity.generate().id();
  private final Network network =
      Network.of(ID, "mynet", Identity.generate().id(), Cidr.parse("10.7.0.0/24"));
  private final Egress rules =
      EgressText.read(
          new EgressView(
              List.of(new EgressRuleView("allow", "0.0.0.0/0", "tcp", "443")), List.of()));

  private Membership membership() {
    Member web =
        new Member("web", "web", node, network.v4().base().plus(2), network.v6().base().plus(2));
    return new Membership(network, 1, new TreeMap<>(Map.of("web", web)), new TreeMap<>(), rules);
  }

  private NetworkEgress told(long second, long count) {
    NetworkEgress.Sum sum = new NetworkEgress.Sum(count, count, count, count, count);
    String rule = rules.rules().getFirst().toString();
    return new NetworkEgress(
        ID,
        Instant.ofEpochSecond(second),
        sum,
        count,
        List.of(
            new NetworkEgress.OfRule(rule, count, count),
            new NetworkEgress.OfRule(rule, count, count)),
        List.of(new NetworkEgress.OfMember("web", sum)));
  }

  @Test
  void aSumThatWouldBeTooLargeStaysTheLargestThereIs() {
    EgressCounts counts = new EgressCounts();
    long most = Long.MAX_VALUE;
    for (int second = 0; second < 3; second++) {
      counts.told(node, told(second, most), membership());
      assertThat(counts.view(rules))
          .isEqualTo(
              new EgressUse(
                  most,
                  most,
                  most,
                  most,
                  most,
                  most,
                  List.of(new EgressRuleUse("allow 0.0.0.0/0 tcp 443", most, most))));
      assertThat(counts.view("web")).isEqualTo(new EgressSum(most, most, most, most, most));
    }
    counts.told(node, told(2, 5), membership());
    assertThat(counts.view(rules).packets()).isEqualTo(most);
  }
}
