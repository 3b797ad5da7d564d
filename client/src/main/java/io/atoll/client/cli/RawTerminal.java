package io.atoll.client.cli;

import io.atoll.core.exec.TerminalSize;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The person's terminal, in raw mode until closed; also when the program is ended by a signal. By
/// `stty`, which is wherever there are terminals.
final class RawTerminal implements AutoCloseable {
  private static final File TTY = new File("/dev/tty");

  private final String before;
  private final Thread hook = new Thread(this::restore, "terminal");

  private RawTerminal(String before) {
    this.before = before;
  }

  /// @throws IOException if there is no terminal
  static RawTerminal open() throws IOException {
    RawTerminal terminal = new RawTerminal(stty("-g").strip());
    Runtime.getRuntime().addShutdownHook(terminal.hook);
    stty("raw", "-echo");
    return terminal;
  }

  /// Its size; null if nobody knows.
  static @Nullable TerminalSize size() {
    try {
      String[] words = stty("size").strip().split(" ", -1);
      return new TerminalSize(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  private static String stty(String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).redirectInput(TTY).redirectErrorStream(true).start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor(2, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return answer;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IOException("stty " + String.join(" ", words) + ": " + answer.strip());
  }

  private void restore() {
    try {
      stty(before);
    } catch (IOException e) {
      // The terminal itself is gone.
    }
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // It runs already.
    }
  }
}
