package io.atoll.client.cli;

import io.atoll.client.api.TaskState;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "suspend",
    header = "Take the processor from tasks; their memory stays.",
    description = {
      "",
      "They stand still until resumed, also over restarts of the daemons. Prints the ids."
    },
    footer = {"  atoll suspend web", "  atoll suspend --wait $(atoll ps -q)"})
final class SuspendCommand extends Command {
  @Option(
      names = {"-w", "--wait"},
      description = "Return only once they stand still.")
  boolean wait;

  @Parameters(paramLabel = "TASK", arity = "1..*", description = "Id or name.")
  List<String> tasks = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    return Pace.change(context, tasks, context.hub()::suspend, wait ? TaskState.SUSPENDED : null);
  }
}
