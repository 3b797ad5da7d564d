package io.atoll.client.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that only groups verbs: without one it is a usage error that lists them.
public abstract class Noun implements Runnable {
  @Spec @Nullable CommandSpec spec;

  @Override
  public void run() {
    CommandSpec known = spec;
    if (known != null) {
      throw new CommandLine.ParameterException(
          known.commandLine(), "Missing verb: " + String.join(", ", known.subcommands().keySet()));
    }
  }
}
