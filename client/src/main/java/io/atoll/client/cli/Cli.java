package io.atoll.client.cli;

import io.atoll.client.config.Places;
import io.atoll.client.config.Setting;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/// The command line. Its commands are known by name; only the one that is asked for is made,
/// since making all of them takes longer than most of them run.
public final class Cli {
  /// Options of the root that take a value, which may look like a command's name.
  private static final Set<String> WITH_VALUE = Set.of("-o", "--output", "--data-dir");

  private final Terminal terminal;
  private final Places places;
  private final Interrupts interrupts;
  private final Map<String, Supplier<Object>> commands = new LinkedHashMap<>();

  /// More verbs, by their nouns.
  private final Map<String, Map<String, Supplier<Object>>> verbs = new LinkedHashMap<>();

  private final List<Setting> settings = new ArrayList<>();

  public Cli(Terminal terminal, Places places, Interrupts interrupts) {
    this.terminal = terminal;
    this.places = places;
    this.interrupts = interrupts;
    commands.put("run", RunCommand::new);
    commands.put("ps", PsCommand::new);
    commands.put("logs", LogsCommand::new);
    commands.put("exec", ExecCommand::new);
    commands.put("cp", CopyCommand::new);
    commands.put("stats", StatsCommand::new);
    commands.put("snapshot", SnapshotNoun::new);
    commands.put("stop", StopCommand::new);
    commands.put("suspend", SuspendCommand::new);
    commands.put("resume", ResumeCommand::new);
    commands.put("events", EventsCommand::new);
    commands.put("task", TaskNoun::new);
    commands.put("node", NodeNoun::new);
    commands.put("net", NetNoun::new);
    commands.put("forward", ForwardCommand::new);
    commands.put("proxy", ProxyCommand::new);
    commands.put("ssh", SshCommand::new);
    commands.put("invite", InviteNoun::new);
    commands.put("app", AppNoun::new);
    commands.put("audit", AuditNoun::new);
    commands.put("join", JoinCommand::new);
    commands.put("hub", HubNoun::new);
    commands.put("send", SendCommand::new);
    commands.put("receive", ReceiveCommand::new);
    commands.put("chat", ChatCommand::new);
    commands.put("p2p", P2pNoun::new);
    commands.put("backup", BackupCommand::new);
    commands.put("config", () -> new ConfigNoun(settings));
    commands.put("version", VersionCommand::new);
    commands.put("completion", CompletionCommand::new);
  }

  public static Cli ofThisProcess() {
    return new Cli(Terminal.ofThisProcess(), Places.ofThisProcess(), Interrupts.ofThisProcess());
  }

  /// Adds a command: an object with picocli's `@Command`, best one that extends `Command`.
  public Cli with(String name, Supplier<Object> command) {
    commands.put(name, command);
    return this;
  }

  /// Adds a verb to a noun that is there.
  public Cli with(String noun, String verb, Supplier<Object> command) {
    verbs.computeIfAbsent(noun, _ -> new LinkedHashMap<>()).put(verb, command);
    return this;
  }

  /// Adds settings to what `config show` tells.
  public Cli withSettings(List<Setting> more) {
    settings.addAll(more);
    return this;
  }

  /// Runs one command line.
  ///
  /// @return exit status
  public int run(String... arguments) {
    String asked = firstWord(arguments);
    Supplier<Object> one = asked == null ? null : commands.get(asked);
    CommandLine line =
        one == null || asked == null || asked.equals("completion")
            ? commandLine()
            : only(asked, one);
    return line.execute(arguments);
  }

  /// The whole command line, with every command.
  CommandLine commandLine() {
    return configured(commands);
  }

  private CommandLine only(String name, Supplier<Object> command) {
    return configured(Map.of(name, command));
  }

  private CommandLine configured(Map<String, Supplier<Object>> chosen) {
    CommandLine line = new CommandLine(new Root(terminal, places, interrupts));
    chosen.forEach((name, command) -> line.addSubcommand(name, command.get()));
    verbs.forEach(
        (noun, more) -> {
          CommandLine under = line.getSubcommands().get(noun);
          if (under != null) {
            more.forEach((verb, command) -> under.addSubcommand(verb, command.get()));
          }
        });
    headings(line.getCommandSpec());
    Failures failures = new Failures(terminal);
    line.setExecutionExceptionHandler(failures);
    line.setParameterExceptionHandler(failures);
    line.setExpandAtFiles(false);
    line.setUsageHelpAutoWidth(false);
    line.setUsageHelpWidth(100);
    line.setColorScheme(new CommandLine.Help.ColorScheme.Builder(Ansi.OFF).build());
    line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    for (String name : List.of("run", "exec", "ssh")) {
      CommandLine starter = line.getSubcommands().get(name);
      if (starter != null) {
        // What follows the program's name belongs to the program.
        starter.setStopAtPositional(true);
      }
    }
    return line;
  }

  private static void headings(CommandSpec spec) {
    spec.usageMessage()
        .synopsisHeading("Usage: ")
        .synopsisSubcommandLabel(spec.parent() == null ? "COMMAND" : "VERB")
        .commandListHeading(spec.parent() == null ? "%nCommands:%n" : "%nVerbs:%n")
        .parameterListHeading("%nParameters:%n")
        .optionListHeading("%nOptions:%n")
        .footerHeading("%nExamples:%n");
    spec.subcommands().values().forEach(child -> headings(child.getCommandSpec()));
  }

  private static @Nullable String firstWord(String[] arguments) {
    for (int i = 0; i < arguments.length; i++) {
      if (WITH_VALUE.contains(arguments[i])) {
        i++;
      } else if (!arguments[i].startsWith("-")) {
        return arguments[i];
      }
    }
    return null;
  }

  /// Names and makers of the commands, in the order of the help.
  List<String> names() {
    return List.copyOf(commands.keySet());
  }

  public static void main(String[] arguments) {
    System.exit(ofThisProcess().run(arguments));
  }
}
