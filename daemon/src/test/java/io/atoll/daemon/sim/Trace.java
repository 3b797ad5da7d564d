package io.atoll.daemon.sim;

import java.util.ArrayDeque;
import java.util.Locale;

/// What happened, as a hash of everything and the last lines in words.
final class Trace {
  private static final int KEPT = Integer.getInteger("atoll.sim.trace", 300);

  private final ArrayDeque<String> tail = new ArrayDeque<>();
  private long hash = 0xcbf29ce484222325L;
  private long lines;

  void add(long nanos, String line) {
    mix(nanos);
    for (int i = 0; i < line.length(); i++) {
      mix(line.charAt(i));
    }
    lines++;
    tail.addLast(String.format(Locale.ROOT, "%10.4f ", nanos / 1e9) + line);
    if (tail.size() > KEPT) {
      tail.removeFirst();
    }
  }

  private void mix(long value) {
    hash = (hash ^ value) * 0x100000001b3L;
  }

  long hash() {
    return hash;
  }

  long lines() {
    return lines;
  }

  String tail() {
    return String.join("\n", tail);
  }
}
