package io.atoll.client.api;

import java.util.List;

/// What may leave a network: the first rule that a packet fits decides, and what fits none stays
/// inside.
///
/// @param resolvers name servers outside, `address` or `address:port`, that are asked for names of
///     others where a rule lets them be reached
public record EgressView(List<EgressRuleView> rules, List<String> resolvers) {
  public EgressView {
    rules = List.copyOf(rules);
    resolvers = List.copyOf(resolvers);
  }
}
