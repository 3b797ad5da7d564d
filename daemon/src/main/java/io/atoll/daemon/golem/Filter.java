package io.atoll.daemon.golem;

import com.fasterxml.jackson.databind.JsonNode;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a demand asks of an offer's properties, in the manner of RFC 4515:
///
/// ```
///  filter = "(" "&" filter* ")" | "(" "|" filter* ")" | "(" "!" filter ")" | "(" key op value ")"
///  op     = "=" | "!=" | ">=" | "<=" | ">" | "<"          value of "=": "*" stands for anything
/// ```
/// White space between filters means nothing. Numbers compare as such, other text as text; a list
/// has a value if one of its elements is it.
sealed interface Filter {
  record And(List<Filter> all) implements Filter {}

  record Or(List<Filter> any) implements Filter {}

  record Not(Filter inner) implements Filter {}

  /// @param op as written
  record Term(String key, String op, String value) implements Filter {
    private boolean holds(@Nullable JsonNode found) {
      if (found == null || found.isNull()) {
        return false;
      }
      if (!found.isArray()) {
        return Values.hold(found.asText(), op, value);
      }
      boolean one = false;
      for (JsonNode element : found) {
        one |= Values.hold(element.asText(), op.equals("!=") ? "=" : op, value);
      }
      return one != op.equals("!=");
    }
  }

  int DEEPEST = 32;
  int MOST = 1000;

  /// @throws AtollException BAD_REQUEST
  static Filter parse(String text) {
    return text.isBlank() ? new And(List.of()) : new Reader(text).whole();
  }

  /// Whether an offer with these properties is asked for.
  default boolean matches(JsonNode properties) {
    return switch (this) {
      case And(List<Filter> all) -> all.stream().allMatch(one -> one.matches(properties));
      case Or(List<Filter> any) -> any.stream().anyMatch(one -> one.matches(properties));
      case Not(Filter inner) -> !inner.matches(properties);
      case Term term -> term.holds(properties.get(term.key));
    };
  }

  /// The least that is asked of a number, where all of it has to hold.
  default Optional<BigDecimal> least(String key) {
    return switch (this) {
      case And(List<Filter> all) ->
          all.stream().flatMap(one -> one.least(key).stream()).max(BigDecimal::compareTo);
      case Term(String name, String op, String value) ->
          name.equals(key) && (op.equals(">=") || op.equals("=") || op.equals(">"))
              ? Values.number(value)
              : Optional.empty();
      case Or _, Not _ -> Optional.empty();
    };
  }

  /// How a property compares with what is written.
  final class Values {
    private Values() {}

    static Optional<BigDecimal> number(String text) {
      if (text.length() > 40 || !text.matches("-?[0-9]+(\\.[0-9]+)?")) {
        return Optional.empty();
      }
      return Optional.of(new BigDecimal(text));
    }

    static boolean hold(String found, String op, String wanted) {
      if (op.equals("=") || op.equals("!=")) {
        return (same(found, wanted) || like(found, wanted)) == op.equals("=");
      }
      Optional<BigDecimal> left = number(found);
      Optional<BigDecimal> right = number(wanted);
      int order =
          left.isPresent() && right.isPresent()
              ? left.get().compareTo(right.get())
              : found.compareTo(wanted);
      return switch (op) {
        case ">=" -> order >= 0;
        case "<=" -> order <= 0;
        case ">" -> order > 0;
        default -> order < 0;
      };
    }

    private static boolean same(String found, String wanted) {
      Optional<BigDecimal> left = number(found);
      Optional<BigDecimal> right = number(wanted);
      if (left.isPresent() && right.isPresent()) {
        return left.get().compareTo(right.get()) == 0;
      }
      return found.equals(wanted);
    }

    /// Each `*` stands for any text; found from left to right, without going back.
    static boolean like(String found, String pattern) {
      String[] parts = pattern.split("\\*", -1);
      if (parts.length == 1 || !found.startsWith(parts[0])) {
        return false;
      }
      int at = parts[0].length();
      for (int i = 1; i < parts.length - 1; i++) {
        int next = found.indexOf(parts[i], at);
        if (next < 0) {
          return false;
        }
        at = next + parts[i].length();
      }
      String last = parts[parts.length - 1];
      return found.length() - at >= last.length() && found.endsWith(last);
    }
  }

  /// Reads one text from its beginning to its end.
  final class Reader {
    private final String text;
    private int at;
    private int terms;

    Reader(String text) {
      this.text = text;
    }

    Filter whole() {
      Filter filter = filter(0);
      space();
      if (at < text.length()) {
        throw wrong("the end");
      }
      return filter;
    }

    private Filter filter(int depth) {
      if (depth > DEEPEST || ++terms > MOST) {
        throw new AtollException(
            ErrorCode.BAD_REQUEST,
            "constraints: deeper than " + DEEPEST + " levels, or more than " + MOST + " terms",
            "ask for less");
      }
      space();
      expect('(');
      space();
      char first = at < text.length() ? text.charAt(at) : ')';
      Filter filter;
      switch (first) {
        case '&' -> {
          at++;
          filter = new And(filters(depth));
        }
        case '|' -> {
          at++;
          filter = new Or(filters(depth));
        }
        case '!' -> {
          at++;
          filter = new Not(filter(depth + 1));
        }
        case ')' -> filter = new And(List.of());
        default -> filter = term();
      }
      space();
      expect(')');
      return filter;
    }

    private List<Filter> filters(int depth) {
      List<Filter> filters = new ArrayList<>();
      space();
      while (at < text.length() && text.charAt(at) == '(') {
        filters.add(filter(depth + 1));
        space();
      }
      return List.copyOf(filters);
    }

    private Filter term() {
      int begin = at;
      while (at < text.length() && "=<>!()".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String key = text.substring(begin, at).strip();
      begin = at;
      while (at < text.length() && "=<>!".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String op = text.substring(begin, at);
      if (key.isEmpty() || !List.of("=", "!=", ">=", "<=", ">", "<").contains(op)) {
        at = begin;
        throw wrong("a key and one of = != >= <= > <");
      }
      begin = at;
      while (at < text.length() && text.charAt(at) != ')' && text.charAt(at) != '(') {
        at++;
      }
      return new Term(key, op, text.substring(begin, at).strip());
    }

    private void space() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private void expect(char c) {
      if (at >= text.length() || text.charAt(at) != c) {
        throw wrong(String.valueOf(c));
      }
      at++;
    }

    private AtollException wrong(String expected) {
      return new AtollException(
          ErrorCode.BAD_REQUEST,
          "constraints: expected "
              + expected
              + " at "
              + Shown.quoted(text.substring(at, Math.min(text.length(), at + 20))),
          "write them as (&(golem.runtime.name=docker)(golem.inf.mem.gib>=1))");
    }
  }
}
