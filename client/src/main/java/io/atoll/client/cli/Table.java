package io.atoll.client.cli;

import io.atoll.client.request.Shown;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Aligned columns. Where the terminal is narrower than the table, the last column is cut: it is
/// the one that holds prose.
public final class Table {
  private static final String GAP = "  ";
  private static final int LEAST_LAST = 12;

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... head) {
    this.head = List.of(head);
  }

  /// A row; null and empty are shown as `-`.
  public void row(@Nullable Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      String text = cell == null ? "" : Shown.plain(cell.toString(), 1000);
      row.add(text.isEmpty() ? "-" : text);
    }
    rows.add(row);
  }

  String render(int width, boolean color) {
    int[] widths = new int[head.size()];
    widen(widths, head);
    rows.forEach(row -> widen(widths, row));
    int last = widths.length - 1;
    int before = 0;
    for (int i = 0; i < last; i++) {
      before += widths[i] + GAP.length();
    }
    int room = width == Integer.MAX_VALUE ? widths[last] : Math.max(LEAST_LAST, width - before);
    StringBuilder text = new StringBuilder();
    if (color) {
      text.append("\u001b[1m");
    }
    line(text, head, widths, room);
    if (color) {
      text.insert(text.length() - 1, "\u001b[0m");
    }
    for (List<String> row : rows) {
      line(text, row, widths, room);
    }
    return text.toString();
  }

  private static void widen(int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], length(cells.get(i)));
    }
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths, int room) {
    int last = cells.size() - 1;
    for (int i = 0; i < last; i++) {
      String cell = cells.get(i);
      text.append(cell).repeat(" ", widths[i] - length(cell)).append(GAP);
    }
    String cell = cells.get(last);
    text.append(length(cell) > room ? Shown.plain(cell, room - 1) : cell).append('\n');
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
