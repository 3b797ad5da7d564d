package io.atoll.core.testing;

import java.io.IOException;

/// Other programs that a test asks for.
public final class Programs {
  private Programs() {}

  /// Whether a command is there and ends well; what it prints is dropped.
  public static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }
}
