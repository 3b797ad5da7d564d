package io.atoll.client.cli;

import io.atoll.client.api.TaskState;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "resume",
    header = "Let suspended tasks go on.",
    description = {"", "Prints the ids."},
    footer = {"  atoll resume web"})
final class ResumeCommand extends Command {
  @Option(
      names = {"-w", "--wait"},
      description = "Return only once they run.")
  boolean wait;

  @Parameters(paramLabel = "TASK", arity = "1..*", description = "Id or name.")
  List<String> tasks = List.of();

  @Override
  protected int run(Context context) throws InterruptedException {
    return Pace.change(
        context,
        tasks,
        context.hub()::resume,
        wait ? task -> task.state() == TaskState.RUNNING : null);
  }
}
