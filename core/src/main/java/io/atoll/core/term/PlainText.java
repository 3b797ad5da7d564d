package io.atoll.core.term;

/// What strangers wrote, made safe to show and to log.
public final class PlainText {
  private PlainText() {}

  /// One line of at most `limit` characters; what cannot be seen is shown as U+FFFD.
  public static String line(String text, int limit) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .limit(limit)
        .forEach(c -> plain.appendCodePoint(c == '\t' ? ' ' : hidden(c) ? '\ufffd' : c));
    return plain.toString();
  }

  /// Whether a character cannot be seen, or changes how others are: control, format (such as a
  /// change of writing direction), half of a pair, line separators.
  public static boolean hidden(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
