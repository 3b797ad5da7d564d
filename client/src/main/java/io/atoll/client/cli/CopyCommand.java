package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.copy.LocalSource;
import io.atoll.client.copy.LocalTarget;
import io.atoll.client.copy.Place;
import io.atoll.client.copy.Source;
import io.atoll.client.copy.TarStreams;
import io.atoll.client.copy.Target;
import io.atoll.client.copy.TaskEnd;
import io.atoll.client.copy.Transfer;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "cp",
    header = "Copy files out of a task, into it, or between two.",
    description = {
      "",
      "A folder is copied with all that is in it; modes, times and links are kept. Into a folder that is"
          + " there a copy goes under its own name; any other target is its new name. SOURCE/. is what"
          + " is in a folder. Paths in a task are those of its payload, with its user's rights, and begin"
          + " in its working folder. '-' is a tar on standard input or output. A file of this machine"
          + " with a colon in its name is written ./NAME.",
      "",
      "What comes out of a task is not trusted: it goes nowhere but to the target, and links that lead"
          + " out of what is copied are left out."
    },
    footer = {
      "  atoll cp web:/var/log/app.log .",
      "  atoll cp site web:/srv/www",
      "  atoll cp settings.json web:",
      "  atoll cp build:out/. results",
      "  atoll cp web:/etc - | tar t",
      "  atoll cp old:data new:data"
    })
final class CopyCommand extends Command {
  private static final int INTERRUPTED = 130;

  @Parameters(index = "0", paramLabel = "SOURCE", description = "TASK:PATH, a path, or -.")
  String from = "";

  @Parameters(index = "1", paramLabel = "TARGET", description = "TASK:PATH, a path, or -.")
  String to = "";

  @Override
  protected int run(Context context) {
    Place source = Place.of(from);
    Place target = Place.of(to);
    if (!(source instanceof Place.InTask) && !(target instanceof Place.InTask)) {
      throw usage("Neither '" + from + "' nor '" + to + "' is in a task: write TASK:PATH");
    }
    Thread self = Thread.currentThread();
    try (ProgressBar bar = new ProgressBar(context);
        Interrupts.Watch _ = context.interrupts().watch(self::interrupt)) {
      Consumer<String> notes =
          note -> {
            bar.close();
            context.note(note);
          };
      HubClient hub = context.hub();
      // The target first: nothing is to be asked of a task if there is no place for it here.
      Target into = target(context, hub, source, target, notes);
      Source out = source(hub, source, notes);
      long total = out instanceof LocalSource local ? local.size() : 0;
      new Transfer(
              out, into, done -> bar.at("copied", total > 0 ? Math.min(done, total) : done, total))
          .run();
      return 0;
    } catch (InterruptedException e) {
      context.note("interrupted: what was copied whole is there");
      return INTERRUPTED;
    }
  }

  private static Source source(HubClient hub, Place source, Consumer<String> notes) {
    return switch (source) {
      case Place.InTask(String task, String path) -> TaskEnd.source(hub, task, path, notes);
      case Place.Here(String path) -> LocalSource.of(path, notes);
      case Place.Stream _ -> TarStreams.source(new FileInputStream(FileDescriptor.in));
    };
  }

  private Target target(
      Context context, HubClient hub, Place source, Place target, Consumer<String> notes) {
    return switch (target) {
      case Place.InTask(String task, String path) -> {
        // The members of a tar have names of their own, and need a folder to go to.
        boolean folder = source instanceof Place.Stream && !path.endsWith("/");
        yield TaskEnd.target(hub, task, folder ? path + "/" : path, notes);
      }
      case Place.Here(String path) -> LocalTarget.of(path, top(source), notes);
      case Place.Stream _ -> {
        if (context.terminal().outIsTty()) {
          throw usage("A tar is not for a terminal: send it to a file or a program");
        }
        yield TarStreams.target(context.terminal().out());
      }
    };
  }

  private static String top(Place source) {
    return source instanceof Place.InTask(_, String path) ? Place.top(path) : ".";
  }
}
