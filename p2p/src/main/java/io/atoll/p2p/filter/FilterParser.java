package io.atoll.p2p.filter;

import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.p2p.filter.PeerFilter.All;
import io.atoll.p2p.filter.PeerFilter.Any;
import io.atoll.p2p.filter.PeerFilter.Comparison;
import io.atoll.p2p.filter.PeerFilter.Not;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Reads the text of a filter.
///
/// ```
/// filter     = term *("or" term)
/// term       = factor *("and" factor)
/// factor     = "everybody" / "not" factor / "(" filter ")" / name operator value
/// operator   = "<" / "<=" / ">" / ">=" / "=" / "!="
/// value      = letters, digits and .+-_/µ  /  anything between quotes
/// ```
final class FilterParser {
  static final String EVERYBODY = "everybody";
  private static final int MAX_LENGTH = 1000;
  private static final int MAX_DEPTH = 32;
  private static final String HINT =
      "write for instance: rtt<50ms and cpu>=4 and (location=EU or uptime>1d)";

  private final String text;
  private int at;
  private int depth;

  FilterParser(String text) {
    this.text = text;
  }

  PeerFilter parse() {
    if (text.length() > MAX_LENGTH) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "cannot read a filter of " + text.length() + " characters",
          "write one of at most " + MAX_LENGTH);
    }
    skipSpaces();
    if (at == text.length()) {
      return PeerFilter.everybody();
    }
    PeerFilter filter = filter();
    if (at < text.length()) {
      throw expected("“and”, “or” or the end");
    }
    return filter;
  }

  private PeerFilter filter() {
    List<PeerFilter> terms = new ArrayList<>(List.of(term()));
    while (word("or")) {
      terms.add(term());
    }
    return terms.size() == 1 ? terms.getFirst() : new Any(terms);
  }

  private PeerFilter term() {
    List<PeerFilter> factors = new ArrayList<>(List.of(factor()));
    while (word("and")) {
      factors.add(factor());
    }
    return factors.size() == 1 ? factors.getFirst() : new All(factors);
  }

  private PeerFilter factor() {
    if (++depth > MAX_DEPTH) {
      throw expected("a filter that is nested less deeply than " + MAX_DEPTH);
    }
    try {
      if (word(EVERYBODY)) {
        return PeerFilter.everybody();
      }
      if (word("not")) {
        return new Not(factor());
      }
      if (symbol("(")) {
        PeerFilter inner = filter();
        if (!symbol(")")) {
          throw expected("“)”");
        }
        return inner;
      }
      return comparison();
    } finally {
      depth--;
    }
  }

  private PeerFilter comparison() {
    int start = at;
    String name = letters();
    Fact fact = Fact.named(name).orElse(null);
    if (fact == null) {
      at = start;
      throw expected("one of " + Fact.names());
    }
    int operatorAt = at;
    Operator operator = operator(fact);
    if (!fact.ordered() && operator != Operator.SAME && operator != Operator.OTHER) {
      at = operatorAt;
      throw expected("= or != after " + fact.text());
    }
    int valueAt = at;
    String value = value();
    if (!fact.readable(value)) {
      at = valueAt;
      throw expected(fact.description());
    }
    skipSpaces();
    return new Comparison(fact, operator, value);
  }

  private Operator operator(Fact fact) {
    // The longer ones first: <= begins with <.
    for (Operator operator :
        List.of(
            Operator.AT_MOST,
            Operator.AT_LEAST,
            Operator.OTHER,
            Operator.LESS,
            Operator.MORE,
            Operator.SAME)) {
      if (symbol(operator.text())) {
        return operator;
      }
    }
    throw expected("<, <=, >, >=, = or != after " + fact.text());
  }

  private String letters() {
    int start = at;
    while (at < text.length() && Character.isLetter(text.charAt(at))) {
      at++;
    }
    String letters = text.substring(start, at);
    skipSpaces();
    return letters;
  }

  private String value() {
    if (at < text.length() && text.charAt(at) == '"') {
      int end = text.indexOf('"', at + 1);
      if (end < 0) {
        throw expected("a value with a quote at its end");
      }
      String value = text.substring(at + 1, end);
      at = end + 1;
      return value;
    }
    int start = at;
    while (at < text.length() && plain(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  /// What a value may have in it without quotes.
  static boolean plain(char c) {
    return (c < 128 && Character.isLetterOrDigit(c)) || ".+-_/µ".indexOf(c) >= 0;
  }

  private boolean word(String word) {
    int end = at + word.length();
    if (end > text.length()
        || !text.substring(at, end).toLowerCase(Locale.ROOT).equals(word)
        || (end < text.length() && Character.isLetterOrDigit(text.charAt(end)))) {
      return false;
    }
    at = end;
    skipSpaces();
    return true;
  }

  private boolean symbol(String symbol) {
    if (!text.startsWith(symbol, at)) {
      return false;
    }
    at += symbol.length();
    skipSpaces();
    return true;
  }

  private void skipSpaces() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private AtollException expected(String what) {
    String rest = text.substring(at).replaceAll("\\p{Cntrl}", "?");
    String shown = rest.length() <= 30 ? rest : rest.substring(0, 30) + "…";
    String place = at == text.length() ? "its end" : "character " + (at + 1) + ", “" + shown + "”";
    return new AtollException(
        ErrorCode.BAD_REQUEST, "cannot read the filter at " + place + ": expected " + what, HINT);
  }
}
