package io.atoll.client.cli;

import io.atoll.client.HubClient;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "task",
    header = "Tasks: list, show, delete, stop, suspend, resume, logs, stats.",
    footer = {
      "  atoll task list",
      "  atoll task show web        why it waits, node by node; where it runs; what happened",
      "  atoll task delete web"
    },
    subcommands = {
      TaskNoun.ListVerb.class,
      TaskShowCommand.class,
      TaskNoun.DeleteVerb.class,
      StatsCommand.class,
      StopCommand.class,
      SuspendCommand.class,
      ResumeCommand.class,
      LogsCommand.class
    })
final class TaskNoun extends Noun {

  @CommandLine.Command(
      name = "list",
      header = "List tasks, newest first, also those that have ended.",
      footer = {"  atoll task list", "  atoll task list --active -o json"})
  static final class ListVerb extends Command {
    @Option(
        names = "--active",
        description = "Only those that have not ended (the same as `atoll ps`).")
    boolean active;

    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "1000",
        description = "At most so many (1000).")
    int limit;

    @Override
    protected int run(Context context) {
      if (limit < 1) {
        throw usage("Invalid value for --limit: it is at least 1");
      }
      return TaskTable.show(context, !active, limit);
    }
  }

  @CommandLine.Command(
      name = "delete",
      header = "Remove tasks that have ended, their output and their history.",
      footer = {"  atoll task delete web"})
  static final class DeleteVerb extends Command {
    @Parameters(paramLabel = "TASK", arity = "1..*", description = "Id or name.")
    List<String> tasks = List.of();

    @Override
    protected int run(Context context) {
      HubClient hub = context.hub();
      for (String task : tasks) {
        hub.delete(task);
        context.print(task);
      }
      return 0;
    }
  }
}
