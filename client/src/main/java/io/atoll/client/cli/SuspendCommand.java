package io.atoll.client.cli;

import io.atoll.client.api.TaskState;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "suspend",
    header = "Take the processor from tasks, and their memory with --deep.",
    description = {
      "",
      "They stand still until resumed, also over restarts of the daemons. Prints the ids.",
      "",
      "With --deep their memory goes to a file on their node and is given back; only virtual",
      "machines can do that. To come back takes longer, and as much memory as before."
    },
    footer = {
      "  atoll suspend web",
      "  atoll suspend --wait $(atoll ps -q)",
      "  atoll suspend --deep --wait vm"
    })
final class SuspendCommand extends Command {
  @Option(
      names = {"-w", "--wait"},
      description = "Return only once they stand still (and have given their memory back).")
  boolean wait;

  @Option(names = "--deep", description = "Give their memory back as well.")
  boolean deep;

  @Parameters(paramLabel = "TASK", arity = "1..*", description = "Id or name.")
  List<String> tasks = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    return Pace.change(
        context,
        tasks,
        task -> context.hub().suspend(task, deep),
        wait ? task -> task.state() == TaskState.SUSPENDED && (task.deep() || !deep) : null);
  }
}
