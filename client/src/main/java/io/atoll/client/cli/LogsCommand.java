package io.atoll.client.cli;

import io.atoll.client.LogSink;
import io.atoll.client.api.OutputEvents;
import io.atoll.core.error.AtollException;
import io.atoll.core.term.Epoch;
import io.atoll.core.term.OutputChunk;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "logs",
    header = "Show what a task wrote.",
    footer = {
      "  atoll logs web            what it wrote so far",
      "  atoll logs -f web         and what it writes from now on",
      "  atoll logs -o json web    with offset, stream and time of each piece"
    })
final class LogsCommand extends Command {
  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the run ends.")
  boolean follow;

  @Option(
      names = "--run",
      paramLabel = "EPOCH",
      description = "An older run, such as 1-7; `atoll task show` lists them.")
  @Nullable String run;

  @Option(names = "--offset", paramLabel = "N", description = "From this byte on.")
  long offset;

  @Parameters(paramLabel = "TASK", description = "Id or name.")
  String task = "";

  @Override
  protected int run(Context context) throws Exception {
    Epoch epoch = null;
    if (run != null) {
      try {
        epoch = Epoch.parse(run);
      } catch (IllegalArgumentException e) {
        throw usage("Invalid value for --run: '" + run + "' is no epoch, such as 1-7");
      }
    }
    if (offset < 0) {
      throw usage("Invalid value for --offset: it is never negative");
    }
    boolean json = context.json();
    context
        .hub()
        .logs(
            task,
            epoch,
            offset,
            follow,
            new LogSink() {
              @Override
              public void output(OutputEvents.Output piece) {
                if (json) {
                  context.printJson(piece);
                } else {
                  Output.pass(context, piece.stream() == OutputChunk.Stream.STDERR, piece.data());
                }
              }

              @Override
              public void dropped(long from, long until) {
                context.note((until - from) + " bytes of output are no longer kept by the node");
              }

              @Override
              public void lost(AtollException why) {
                context.note("lost the hub, trying again: " + why.text());
              }
            });
    return 0;
  }
}
