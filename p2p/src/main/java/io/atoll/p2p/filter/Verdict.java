package io.atoll.p2p.filter;

/// What a filter says of a peer. Before a peer was dialled, most is unknown.
public enum Verdict {
  NO,
  UNKNOWN,
  YES;

  Verdict and(Verdict other) {
    return compareTo(other) < 0 ? this : other;
  }

  Verdict or(Verdict other) {
    return compareTo(other) > 0 ? this : other;
  }

  Verdict not() {
    return switch (this) {
      case NO -> YES;
      case UNKNOWN -> UNKNOWN;
      case YES -> NO;
    };
  }
}
