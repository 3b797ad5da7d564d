package io.atoll.p2p.transfer;

import io.atoll.core.term.PlainText;
import java.nio.charset.StandardCharsets;

/// What a peer may call a file: one name, no way to another folder, nothing that a terminal obeys.
final class FileName {
  private static final int LONGEST = 255;

  private FileName() {}

  /// @throws IllegalArgumentException with what is wrong
  static void check(String name) {
    if (name.isEmpty() || name.isBlank()) {
      throw new IllegalArgumentException("a file needs a name");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new IllegalArgumentException("the name of a file has at most " + LONGEST + " bytes");
    }
    if (name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf('\\') >= 0) {
      throw new IllegalArgumentException("the name of a file leads to no other folder");
    }
    if (name.codePoints().anyMatch(PlainText::hidden)) {
      throw new IllegalArgumentException("the name of a file has no control characters");
    }
  }
}
