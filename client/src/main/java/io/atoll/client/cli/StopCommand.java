package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.TaskView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "stop",
    header = "Ask tasks to end.",
    description = {"", "Each is asked to end, and ended after its grace time. Prints the ids."},
    footer = {"  atoll stop web", "  atoll stop --wait $(atoll ps -q)"})
final class StopCommand extends Command {
  private static final Duration LONG_POLL = Duration.ofSeconds(30);

  @Option(
      names = {"-w", "--wait"},
      description = "Return only once they have ended.")
  boolean wait;

  @Parameters(paramLabel = "TASK", arity = "1..*", description = "Id or name.")
  List<String> tasks = List.of();

  @Override
  protected int run(Context context) {
    HubClient hub = context.hub();
    List<TaskView> stopped = new ArrayList<>();
    for (String task : tasks) {
      stopped.add(hub.stop(task));
    }
    for (TaskView asked : stopped) {
      TaskView task = asked;
      while (wait && !task.state().ended()) {
        task = hub.task(task.id().text(), LONG_POLL);
      }
      if (context.json()) {
        context.printJson(task);
      } else {
        context.print(task.id().text());
      }
    }
    return 0;
  }
}
