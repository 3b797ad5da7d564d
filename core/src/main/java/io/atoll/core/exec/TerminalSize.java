package io.atoll.core.exec;

/// How large a terminal is, in characters.
public record TerminalSize(int rows, int columns) {
  public TerminalSize {
    if (rows < 0 || rows > 0xffff || columns < 0 || columns > 0xffff) {
      throw new IllegalArgumentException("no size of a terminal: " + rows + " x " + columns);
    }
  }
}
