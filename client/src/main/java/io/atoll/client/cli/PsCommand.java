package io.atoll.client.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "ps",
    header = "List the tasks that have not ended.",
    footer = {
      "  atoll ps             what runs or waits",
      "  atoll ps -a          and what has ended",
      "  atoll ps -q          ids only, as in: atoll stop $(atoll ps -q)"
    })
final class PsCommand extends Command {
  @Option(
      names = {"-a", "--all"},
      description = "Also those that have ended.")
  boolean all;

  @Override
  protected int run(Context context) {
    return TaskTable.show(context, all, Integer.MAX_VALUE);
  }
}
