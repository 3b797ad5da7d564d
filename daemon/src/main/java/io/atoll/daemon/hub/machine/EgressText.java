package io.atoll.daemon.hub.machine;

import io.atoll.client.api.EgressRuleView;
import io.atoll.client.api.EgressView;
import io.atoll.client.request.EgressMapping;
import io.atoll.vpn.network.Egress;
import io.atoll.vpn.network.Egress.Resolver;
import io.atoll.vpn.network.EgressRule;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What may leave a network, as people write it and as the network has it.
public final class EgressText {
  private EgressText() {}

  /// @throws io.atoll.core.error.AtollException BAD_REQUEST
  public static Egress read(EgressView view) {
    return new Egress(
        view.rules().stream().map(EgressText::read).toList(),
        view.resolvers().stream()
            .map(EgressMapping::resolver)
            .map(one -> new Resolver(one.address(), one.port()))
            .toList());
  }

  private static EgressRule read(EgressRuleView view) {
    EgressRuleView rule = EgressMapping.checked(view, "");
    EgressMapping.Ports ports = EgressMapping.ports(rule.ports(), "");
    EgressRule of =
        EgressRule.of(
            EgressMapping.block(rule.to(), ""),
            EgressRule.Protocol.valueOf(rule.protocol().toUpperCase(Locale.ROOT)),
            EgressRule.Action.valueOf(rule.action().toUpperCase(Locale.ROOT)));
    return ports == null
        ? of
        : new EgressRule(of.to(), of.protocol(), ports.first(), ports.last(), of.action());
  }

  static EgressView view(Egress egress) {
    List<EgressRuleView> rules =
        egress.rules().stream()
            .map(
                rule ->
                    new EgressRuleView(
                        word(rule.action()),
                        rule.to().toString(),
                        word(rule.protocol()),
                        ports(rule)))
            .toList();
    return new EgressView(rules, egress.resolvers().stream().map(EgressText::text).toList());
  }

  private static @Nullable String ports(EgressRule rule) {
    if (rule.everyPort()) {
      return null;
    }
    return rule.firstPort() == rule.lastPort()
        ? String.valueOf(rule.firstPort())
        : rule.firstPort() + "-" + rule.lastPort();
  }

  private static String text(Resolver of) {
    String host = of.address().toString();
    return (of.address().isV4() ? host : "[" + host + "]") + ":" + of.port();
  }

  private static String word(Enum<?> of) {
    return of.name().toLowerCase(Locale.ROOT);
  }
}
