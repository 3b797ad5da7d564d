package io.atoll.market.activity;

import io.atoll.core.term.NetworkId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// What became of all that would leave a private network from one node, counted since the node
/// began to.
///
/// @param since when that was; with another one all counts begin anew
/// @param all of the network's packets there
/// @param denied connections, flows and echoes that a rule let out and the node's owner did not
/// @param rules those that there are now, in their order; one that stays keeps its counts
/// @param members those that are there and sent something that would leave
public record NetworkEgress(
    NetworkId network,
    Instant since,
    Sum all,
    long denied,
    List<OfRule> rules,
    List<OfMember> members) {
  /// More than fit on a node.
  public static final int MOST_MEMBERS = 4096;

  private static final int MOST_RULES = 256;
  private static final int LONGEST_WORD = 256;

  /// Entries as the ports of the members have them, and bytes of IP.
  ///
  /// @param packets that were let out
  /// @param refused that a rule kept inside, or no rule let out
  /// @param noExit that a rule let out, at a node that lets nothing out
  public record Sum(long packets, long bytes, long refused, long refusedBytes, long noExit) {
    public static final Sum NONE = new Sum(0, 0, 0, 0, 0);

    public Sum {
      if (packets < 0 || bytes < 0 || refused < 0 || refusedBytes < 0 || noExit < 0) {
        throw new IllegalArgumentException("a count below 0");
      }
    }
  }

  /// How often a rule decided.
  ///
  /// @param rule as both ends write it
  public record OfRule(String rule, long packets, long bytes) {
    public OfRule {
      if (rule.length() > LONGEST_WORD || packets < 0 || bytes < 0) {
        throw new IllegalArgumentException("no count of a rule");
      }
    }
  }

  /// @param member its id in the member list
  public record OfMember(String member, Sum sum) {
    public OfMember {
      Objects.requireNonNull(sum, "sum");
      if (member.length() > LONGEST_WORD) {
        throw new IllegalArgumentException("no id of a member");
      }
    }
  }

  public NetworkEgress {
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(all, "all");
    rules = List.copyOf(rules);
    members = List.copyOf(members);
    if (denied < 0 || rules.size() > MOST_RULES || members.size() > MOST_MEMBERS) {
      throw new IllegalArgumentException("more counts than there can be");
    }
  }
}
