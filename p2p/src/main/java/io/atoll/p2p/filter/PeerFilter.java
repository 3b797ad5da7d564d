package io.atoll.p2p.filter;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A condition on what is known of a peer, such as `rtt<50ms and cpu>=4`. Its text reads back as
/// the same filter.
public sealed interface PeerFilter {
  /// Reads `rtt<50ms and cpu>=4`; [FilterParser] has the whole grammar.
  ///
  /// @throws io.atoll.core.error.AtollException with BAD_REQUEST, which says where the text stops
  ///     to be a filter, and what could stand there; an empty text is [#everybody]
  static PeerFilter parse(String text) {
    return new FilterParser(text).parse();
  }

  static PeerFilter everybody() {
    return new All(List.of());
  }

  Verdict judge(PeerFacts facts);

  /// Whether the peer is one that is wanted: all that the filter asks for is known and so.
  default boolean accepts(PeerFacts facts) {
    return judge(facts) == Verdict.YES;
  }

  /// Whether the peer need not even be dialled: what is known of it rules it out.
  default boolean excludes(PeerFacts facts) {
    return judge(facts) == Verdict.NO;
  }

  default PeerFilter and(PeerFilter other) {
    return new All(List.of(this, other));
  }

  default PeerFilter or(PeerFilter other) {
    return new Any(List.of(this, other));
  }

  default PeerFilter negate() {
    return new Not(this);
  }

  /// @param filters none of them: everybody
  record All(List<PeerFilter> filters) implements PeerFilter {
    public All {
      filters = List.copyOf(filters);
    }

    @Override
    public Verdict judge(PeerFacts facts) {
      Verdict verdict = Verdict.YES;
      for (PeerFilter filter : filters) {
        verdict = verdict.and(filter.judge(facts));
      }
      return verdict;
    }

    @Override
    public String toString() {
      return filters.isEmpty() ? FilterParser.EVERYBODY : joined(filters, " and ");
    }
  }

  /// @param filters none of them: nobody
  record Any(List<PeerFilter> filters) implements PeerFilter {
    public Any {
      filters = List.copyOf(filters);
    }

    @Override
    public Verdict judge(PeerFacts facts) {
      Verdict verdict = Verdict.NO;
      for (PeerFilter filter : filters) {
        verdict = verdict.or(filter.judge(facts));
      }
      return verdict;
    }

    @Override
    public String toString() {
      return filters.isEmpty() ? "not " + FilterParser.EVERYBODY : joined(filters, " or ");
    }
  }

  record Not(PeerFilter filter) implements PeerFilter {
    @Override
    public Verdict judge(PeerFacts facts) {
      return filter.judge(facts).not();
    }

    @Override
    public String toString() {
      return "not " + inner(filter);
    }
  }

  /// One fact compared with a value, which is a readable one.
  final class Comparison implements PeerFilter {
    private final Fact fact;
    private final Operator operator;
    private final String value;

    Comparison(Fact fact, Operator operator, String value) {
      this.fact = fact;
      this.operator = operator;
      this.value = value;
    }

    @Override
    public Verdict judge(PeerFacts facts) {
      return fact.compare(facts, value)
          .map(comparison -> operator.holds(comparison) ? Verdict.YES : Verdict.NO)
          .orElse(Verdict.UNKNOWN);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Comparison that && toString().equals(that.toString());
    }

    @Override
    public int hashCode() {
      return toString().hashCode();
    }

    @Override
    public String toString() {
      boolean plain = value.chars().allMatch(c -> FilterParser.plain((char) c));
      return fact.text() + operator.text() + (plain ? value : "\"" + value + "\"");
    }
  }

  private static String joined(List<PeerFilter> filters, String word) {
    return filters.stream().map(PeerFilter::inner).collect(Collectors.joining(word));
  }

  private static String inner(PeerFilter filter) {
    return switch (filter) {
      case All all -> "(" + all + ")";
      case Any any -> "(" + any + ")";
      case Not not -> not.toString();
      case Comparison comparison -> comparison.toString();
    };
  }
}
