package io.atoll.vpn.network;

import io.atoll.core.term.IpAddress;
import java.util.List;

/// What may leave a network: the first rule that a packet fits decides, and what fits none stays
/// inside. Whoever runs the node where it would leave has a say of his own, see `vpn.exit`.
///
/// @param resolvers who is asked for names that are not of this network, the first that a rule
///     lets be reached; with none such a name is refused
public record Egress(List<EgressRule> rules, List<Resolver> resolvers) {
  /// Nothing leaves.
  public static final Egress NONE = new Egress(List.of(), List.of());

  /// The most rules: each packet that leaves is held against them in turn.
  public static final int MOST_RULES = 256;

  private static final int MOST_RESOLVERS = 8;

  /// A name server outside.
  public record Resolver(IpAddress address, int port) {
    public Resolver {
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("a name server at port " + port);
      }
    }
  }

  public Egress {
    rules = List.copyOf(rules);
    resolvers = List.copyOf(resolvers);
    if (rules.size() > MOST_RULES) {
      throw new IllegalArgumentException(
          rules.size() + " egress rules: a network has at most " + MOST_RULES);
    }
    if (resolvers.size() > MOST_RESOLVERS) {
      throw new IllegalArgumentException(
          resolvers.size() + " name servers: a network has at most " + MOST_RESOLVERS);
    }
  }

  /// Whether anything may leave at all.
  public boolean any() {
    return rules.stream().anyMatch(rule -> rule.action() == EgressRule.Action.ALLOW);
  }
}
