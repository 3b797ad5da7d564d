package io.atoll.client.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What the process talks through. Tests make their own.
///
/// @param out standard output: bytes, as they are
/// @param err standard error: text
/// @param environment of the process
/// @param outIsTty whether a person reads standard output
/// @param errIsTty whether a person reads standard error
public record Terminal(
    OutputStream out,
    PrintStream err,
    Map<String, String> environment,
    boolean outIsTty,
    boolean errIsTty) {
  private static final int USUAL_WIDTH = 80;
  private static final Path TTY = Path.of("/dev/tty");

  public static Terminal ofThisProcess() {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    return new Terminal(
        new FileOutputStream(FileDescriptor.out), err, System.getenv(), tty(1), tty(2));
  }

  /// Looks where Linux tells without native code; elsewhere asks the JDK's console.
  private static boolean tty(int descriptor) {
    Path link = Path.of("/proc/self/fd/" + descriptor);
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
  }

  /// Columns that a table may take.
  int width() {
    if (!outIsTty) {
      return Integer.MAX_VALUE;
    }
    int columns = number(environment.getOrDefault("COLUMNS", ""));
    if (columns <= 0) {
      columns = askStty();
    }
    return columns > 0 ? columns : USUAL_WIDTH;
  }

  /// The JDK does not know the width; `stty` is everywhere and takes 2 ms.
  private static int askStty() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(TTY.toFile())
              .redirectErrorStream(true)
              .start();
      String answer = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
        return number(answer.substring(answer.indexOf(' ') + 1).strip());
      }
    } catch (IOException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// Asks the person at the terminal, whatever standard input is; empty if there is nobody.
  String ask(String question) {
    err.print(question);
    err.flush();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(new FileInputStream(TTY.toFile()), StandardCharsets.UTF_8))) {
      String answer = reader.readLine();
      return answer == null ? "" : answer.strip();
    } catch (IOException e) {
      return "";
    }
  }
}
