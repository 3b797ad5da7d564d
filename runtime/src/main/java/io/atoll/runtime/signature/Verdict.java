package io.atoll.runtime.signature;

/// What a trust policy says of an image.
public sealed interface Verdict {
  /// @param reason the rule that allows it
  record Allowed(String reason) implements Verdict {}

  /// @param reason why none of the rules does
  record Refused(String reason) implements Verdict {}
}
