package io.atoll.client.copy;

import io.atoll.client.request.Shown;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/// What a copy in a task says on its standard error, line by line, as much as anybody reads. Names
/// in it are the payload's choice: nothing of them may reach a terminal as it is.
final class Remarks extends OutputStream {
  private static final int MOST = 100;
  private static final int LONGEST = 400;
  private static final String LEFT_OUT = ": left out: ";

  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private final StringBuilder line = new StringBuilder();
  private int more;

  @Override
  public void write(int octet) {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] == '\n') {
        add();
      } else if (line.length() < 2 * LONGEST) {
        line.append((char) (bytes[i] & 0xff));
      }
    }
  }

  private void add() {
    byte[] raw = line.toString().getBytes(StandardCharsets.ISO_8859_1);
    line.setLength(0);
    if (lines.size() == MOST) {
      more++;
    } else {
      lines.add(Shown.plain(new String(raw, StandardCharsets.UTF_8), LONGEST));
    }
  }

  /// All but the one that `failure` gives.
  void each(Consumer<String> taker) {
    String failure = failure();
    boolean skipped = failure.isEmpty();
    for (String one : lines) {
      if (skipped || !one.equals(failure)) {
        taker.accept(one);
      } else {
        skipped = true;
      }
    }
    if (more > 0) {
      taker.accept("and " + more + " lines more");
    }
  }

  /// The first line that is about a failure; empty if there is none.
  String failure() {
    return lines.stream().filter(one -> !one.contains(LEFT_OUT)).findFirst().orElse("");
  }
}
