package io.atoll.client.api;

import java.util.List;

/// What wanted to leave a network from all its providers, see [EgressSum].
///
/// @param denied connections, flows and echoes that a rule let out and a provider's owner did not,
///     such as those to his own network
/// @param rules in their order
public record EgressUse(
    long packets,
    long bytes,
    long refused,
    long refusedBytes,
    long noExit,
    long denied,
    List<EgressRuleUse> rules) {
  public static final EgressUse NONE = new EgressUse(0, 0, 0, 0, 0, 0, List.of());

  public EgressUse {
    rules = List.copyOf(rules);
  }
}
