package io.atoll.client.request;

import io.atoll.core.term.PlainText;
import java.util.Locale;

/// Text from others inside a message of ours: quoted, one line, no control characters, cut short.
public final class Shown {
  private static final int LIMIT = 60;

  private Shown() {}

  public static String quoted(String text) {
    return "'" + plain(text, LIMIT) + "'";
  }

  /// As one line of at most `limit` characters.
  public static String plain(String text, int limit) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      if (shown.length() >= limit) {
        return shown.append('…').toString();
      }
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      switch (c) {
        case '\n' -> shown.append("\\n");
        case '\r' -> shown.append("\\r");
        case '\t' -> shown.append("\\t");
        default -> {
          if (hidden(c)) {
            shown.append(String.format(Locale.ROOT, "\\u%04x", c));
          } else {
            shown.appendCodePoint(c);
          }
        }
      }
    }
    return shown.toString();
  }

  /// Whether a character cannot be seen, or changes how others are: control, format (such as a
  /// change of writing direction), half of a pair, line separators.
  public static boolean hidden(int codePoint) {
    return PlainText.hidden(codePoint);
  }
}
