package io.atoll.p2p.filter;

/// How a fact is compared with a value.
enum Operator {
  LESS("<"),
  AT_MOST("<="),
  MORE(">"),
  AT_LEAST(">="),
  SAME("="),
  OTHER("!=");

  private final String text;

  Operator(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /// @param comparison of the fact with the value, as `compareTo` says it
  boolean holds(int comparison) {
    return switch (this) {
      case LESS -> comparison < 0;
      case AT_MOST -> comparison <= 0;
      case MORE -> comparison > 0;
      case AT_LEAST -> comparison >= 0;
      case SAME -> comparison == 0;
      case OTHER -> comparison != 0;
    };
  }
}
