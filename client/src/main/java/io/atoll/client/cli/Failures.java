package io.atoll.client.cli;

import io.atoll.client.api.Problem;
import io.atoll.client.request.Nearest;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// How failures look: `atoll: what`, `  hint: what to do`, or the problem as JSON; an exit
/// status by the code. A stack trace only with `ATOLL_DEBUG=1`.
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  /// Atoll's own failure under a command that passes on a task's exit status.
  static final int OWN_FAILURE = 125;

  private static final int BROKEN_PIPE = 141;

  private final Terminal terminal;

  Failures(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleExecutionException(Exception thrown, CommandLine line, ParseResult parsed) {
    AtollException failure =
        switch (thrown) {
          case AtollException e -> e;
          case UncheckedIOException e -> {
            // Whoever read our output went away, as `head` does: nothing to be said to nobody.
            trace(e);
            yield null;
          }
          case InterruptedException e ->
              new AtollException(ErrorCode.INTERNAL, "interrupted", "ask again", e);
          default ->
              new AtollException(
                  ErrorCode.INTERNAL,
                  "this failed unexpectedly: " + thrown,
                  "ATOLL_DEBUG=1 shows where; please report it",
                  thrown);
        };
    if (failure == null) {
      return BROKEN_PIPE;
    }
    show(failure, json(line));
    return line.getCommand() instanceof Command command
        ? command.statusOf(failure)
        : failure.code().exitStatus();
  }

  private void show(AtollException failure, boolean json) {
    PrintStream err = terminal.err();
    if (json) {
      String words = failure.code().name().toLowerCase(Locale.ROOT);
      err.println(
          Json.write(
              new Problem(
                  "urn:atoll:problem:" + words.replace('_', '-'),
                  words.replace('_', ' '),
                  failure.code().httpStatus(),
                  failure.code().name(),
                  failure.text(),
                  failure.hint().isEmpty() ? null : failure.hint())));
    } else {
      err.println("atoll: " + failure.text());
      if (!failure.hint().isEmpty()) {
        err.println("  hint: " + failure.hint());
      }
    }
    trace(failure);
  }

  private void trace(Throwable thrown) {
    if (!terminal.environment().getOrDefault("ATOLL_DEBUG", "").isEmpty()) {
      thrown.printStackTrace(terminal.err());
    }
  }

  @Override
  public int handleParseException(ParameterException thrown, String[] arguments) {
    CommandLine line = thrown.getCommandLine();
    String path = line.getCommandSpec().qualifiedName();
    AtollException failure =
        new AtollException(
            ErrorCode.BAD_REQUEST,
            (path.indexOf(' ') < 0 ? "" : path.substring(path.indexOf(' ') + 1) + ": ")
                + said(thrown),
            meant(thrown) + "`" + path + " --help` shows how it is used",
            thrown);
    show(failure, wantsJson(arguments));
    return line.getCommand() instanceof Command command
        ? command.statusOf(failure)
        : failure.code().exitStatus();
  }

  private static String said(ParameterException thrown) {
    if (thrown instanceof UnmatchedArgumentException unmatched
        && !unmatched.getUnmatched().isEmpty()) {
      String word = unmatched.getUnmatched().getFirst();
      boolean noun = !thrown.getCommandLine().getSubcommands().isEmpty();
      String kind = word.startsWith("-") ? "option" : noun ? "command" : "argument";
      return "unknown " + kind + " " + Shown.quoted(word);
    }
    return uncapitalised(Shown.plain(String.valueOf(thrown.getMessage()), 300));
  }

  private static String meant(ParameterException thrown) {
    if (!(thrown instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return "";
    }
    CommandLine line = thrown.getCommandLine();
    String word = unmatched.getUnmatched().getFirst();
    List<String> known = new ArrayList<>();
    if (word.startsWith("-")) {
      line.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
    } else {
      known.addAll(line.getCommandSpec().subcommands().keySet());
    }
    return Nearest.hint(word, known);
  }

  /// Only what the failure itself says: what was parsed before it is of no use here.
  private static boolean wantsJson(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      if (argument.equals("--")) {
        return false;
      }
      boolean next = i + 1 < arguments.length && arguments[i + 1].equals("json");
      if (argument.equals("-ojson")
          || argument.equals("--output=json")
          || argument.equals("-o=json")
          || ((argument.equals("-o") || argument.equals("--output")) && next)) {
        return true;
      }
    }
    return false;
  }

  private static boolean json(CommandLine line) {
    try {
      return Command.context(line.getCommandSpec()).json();
    } catch (AtollException e) {
      return false; // the failure is that very setting
    }
  }

  private static String uncapitalised(String text) {
    boolean word = text.length() > 1 && Character.isLowerCase(text.charAt(1));
    return word ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1) : text;
  }
}
