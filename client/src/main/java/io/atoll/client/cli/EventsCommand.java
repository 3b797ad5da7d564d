package io.atoll.client.cli;

import io.atoll.client.EventSink;
import io.atoll.client.api.EventView;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "events",
    header = "Show what happened in the pool.",
    footer = {
      "  atoll events                    all that is kept",
      "  atoll events -f --task web      what happens to one task from now on and before",
      "  atoll events -f --after 4711    from a cursor (`seq`) on"
    })
final class EventsCommand extends Command {
  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what happens.")
  boolean follow;

  @Option(names = "--after", paramLabel = "SEQ", description = "Only events behind this one.")
  @Nullable Long after;

  @Option(names = "--task", paramLabel = "TASK", description = "Only events of this task.")
  @Nullable String task;

  @Override
  protected int run(Context context) throws Exception {
    if (after != null && after < 0) {
      throw usage("Invalid value for --after: it is never negative");
    }
    boolean json = context.json();
    context
        .hub()
        .events(
            after == null ? -1 : after,
            task,
            follow,
            new EventSink() {
              @Override
              public void event(EventView event) {
                if (json) {
                  context.printJson(event);
                } else if (context.quiet()) {
                  context.print(Long.toString(event.seq()));
                } else {
                  context.print(line(event, true));
                }
              }

              @Override
              public void lost(AtollException why) {
                context.note("lost the hub, trying again: " + why.text());
              }
            });
    return 0;
  }

  static String line(EventView event, boolean withTask) {
    String task = withTask ? " " + (event.task() == null ? "-" : event.task()) : "";
    return event.at().truncatedTo(ChronoUnit.MILLIS)
        + " "
        + event.type()
        + task
        + " "
        + Shown.plain(event.detail(), 400);
  }
}
