package io.atoll.daemon.hub.machine;

import io.atoll.client.api.EgressRuleUse;
import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressSum;
import io.atoll.client.api.EgressUse;
import io.atoll.core.identity.PeerId;
import io.atoll.market.activity.NetworkEgress;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.EgressRule;
import io.atoll.vpn.network.Member;
import io.atoll.vpn.network.Membership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What wanted to leave one network, from all its nodes together, since this hub first heard of it.
/// Nodes count from a beginning of their own, which may come again: their growth is added up. It is
/// no part of what the hub keeps.
final class EgressCounts {
  private static final long[] NOTHING = new long[5];

  /// What each node told last.
  private final Map<PeerId, NetworkEgress> last = new TreeMap<>();

  private final long[] all = new long[5];
  private long denied;

  /// By rule, as both ends write it.
  private final Map<String, long[]> rules = new HashMap<>();

  /// By the id in the member list.
  private final Map<String, long[]> members = new HashMap<>();

  /// A node tells how far it has counted. What it says of rules that there are not, or of members
  /// of other nodes, is left out.
  void told(PeerId node, NetworkEgress now, Membership membership) {
    NetworkEgress known = last.put(node, now);
    NetworkEgress before = known != null && known.since().equals(now.since()) ? known : none(now);
    grow(all, counts(before.all()), counts(now.all()));
    denied = plus(denied, growth(before.denied(), now.denied()));

    var there =
        membership.egress().rules().stream()
            .map(EgressRule::toString)
            .collect(Collectors.toUnmodifiableSet());
    rules.keySet().retainAll(there);
    Map<String, long[]> ofRules = ofRules(now);
    ofRules.keySet().retainAll(there);
    grow(rules, ofRules(before), ofRules);

    members.keySet().retainAll(membership.members().keySet());
    Map<String, long[]> ofMembers = ofMembers(now);
    ofMembers
        .keySet()
        .removeIf(
            id -> {
              Member member = membership.members().get(id);
              return member == null || !member.node().equals(node);
            });
    grow(members, ofMembers(before), ofMembers);
  }

  /// A node has no member any more; if it comes back it counts anew.
  void left(PeerId node) {
    last.remove(node);
  }

  private static NetworkEgress none(NetworkEgress like) {
    return new NetworkEgress(
        like.network(), like.since(), NetworkEgress.Sum.NONE, 0, List.of(), List.of());
  }

  private static long[] counts(NetworkEgress.Sum of) {
    return new long[] {of.packets(), of.bytes(), of.refused(), of.refusedBytes(), of.noExit()};
  }

  private static Map<String, long[]> ofRules(NetworkEgress told) {
    Map<String, long[]> all = new HashMap<>();
    for (NetworkEgress.OfRule one : told.rules()) {
      long[] of = all.computeIfAbsent(one.rule(), _ -> new long[2]);
      of[0] = plus(of[0], one.packets());
      of[1] = plus(of[1], one.bytes());
    }
    return all;
  }

  private static Map<String, long[]> ofMembers(NetworkEgress told) {
    Map<String, long[]> all = new HashMap<>();
    told.members().forEach(one -> all.put(one.member(), counts(one.sum())));
    return all;
  }

  private static void grow(
      Map<String, long[]> total, Map<String, long[]> before, Map<String, long[]> now) {
    now.forEach(
        (key, counts) ->
            grow(
                total.computeIfAbsent(key, _ -> new long[counts.length]),
                before.getOrDefault(key, NOTHING),
                counts));
  }

  private static void grow(long[] total, long[] before, long[] now) {
    for (int i = 0; i < now.length; i++) {
      total[i] = plus(total[i], growth(before[i], now[i]));
    }
  }

  /// Of two that are not negative: no node makes a sum so.
  private static long plus(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  /// A count that is lower than it was has begun anew.
  private static long growth(long before, long now) {
    return now >= before ? now - before : now;
  }

  EgressUse view(Egress rules) {
    List<EgressRuleUse> uses = new ArrayList<>();
    List<EgressRuleView> shown = EgressText.view(rules).rules();
    for (int i = 0; i < shown.size(); i++) {
      long[] of = this.rules.getOrDefault(rules.rules().get(i).toString(), NOTHING);
      uses.add(new EgressRuleUse(shown.get(i).text(), of[0], of[1]));
    }
    return new EgressUse(all[0], all[1], all[2], all[3], all[4], denied, uses);
  }

  /// @param member its id in the member list
  EgressSum view(String member) {
    long[] of = members.getOrDefault(member, NOTHING);
    return new EgressSum(of[0], of[1], of[2], of[3], of[4]);
  }
}
