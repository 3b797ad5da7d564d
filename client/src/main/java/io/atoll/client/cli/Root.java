package io.atoll.client.cli;

import io.atoll.client.config.Places;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@CommandLine.Command(
    name = "atoll",
    header = "Machines that belong to different people become one pool of compute.",
    footer = {
      "  atoll up                                   be a hub and a provider",
      "  atoll run -- echo hello                    run a program somewhere",
      "  atoll run --image debian:12 -- cat /etc/os-release",
      "  atoll ps                                   what runs",
      "  atoll logs -f TASK                         what it writes"
    })
final class Root implements Runnable {
  private final Terminal terminal;
  private final Places places;
  private final Interrupts interrupts;

  @CommandLine.Mixin final GlobalOptions options = new GlobalOptions();

  @Option(names = "--version", description = "Show the version.")
  boolean version;

  @Spec @Nullable CommandSpec spec;

  Root(Terminal terminal, Places places, Interrupts interrupts) {
    this.terminal = terminal;
    this.places = places;
    this.interrupts = interrupts;
  }

  Context context() {
    return new Context(terminal, places, interrupts, options);
  }

  @Override
  public void run() {
    if (version) {
      VersionCommand.show(context());
      return;
    }
    CommandSpec known = spec;
    if (known != null) {
      throw new ParameterException(known.commandLine(), "Missing command");
    }
  }
}
