package io.atoll.client.cli;

import java.io.PrintStream;

/// Passes a payload's output on, byte for byte, each stream to its own.
final class Output {
  private Output() {}

  static void pass(Context context, boolean toErr, byte[] data) {
    if (toErr) {
      PrintStream err = context.terminal().err();
      synchronized (err) {
        err.write(data, 0, data.length);
        err.flush();
      }
    } else {
      context.bytes(data);
    }
  }
}
