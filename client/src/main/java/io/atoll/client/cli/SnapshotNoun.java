package io.atoll.client.cli;

import io.atoll.client.api.SnapshotView;
import io.atoll.core.term.ByteSize;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "snapshot",
    header = "Snapshots of virtual machines: list, take, restore, remove.",
    description = {
      "",
      "A snapshot keeps memory, devices and disk of a task's run, and lives as long as the run does."
    },
    footer = {
      "  atoll snapshot take box before-upgrade",
      "  atoll snapshot restore box before-upgrade"
    },
    subcommands = {
      SnapshotNoun.ListVerb.class,
      SnapshotNoun.TakeVerb.class,
      SnapshotNoun.RestoreVerb.class,
      SnapshotNoun.RemoveVerb.class
    })
final class SnapshotNoun extends Noun {

  private static void show(Context context, SnapshotView snapshot) {
    if (context.json()) {
      context.printJson(snapshot);
    } else {
      context.print(snapshot.name().text());
    }
  }

  @CommandLine.Command(
      name = "list",
      header = "List the snapshots of a task, oldest first.",
      footer = {"  atoll snapshot list box"})
  static final class ListVerb extends Command {
    @Parameters(paramLabel = "TASK", description = "Id or name.")
    String task = "";

    @Override
    protected int run(Context context) {
      List<SnapshotView> snapshots = context.hub().snapshots(task);
      if (context.json()) {
        context.printJson(snapshots);
      } else if (context.quiet()) {
        snapshots.forEach(snapshot -> context.print(snapshot.name().text()));
      } else {
        Table table = new Table("NAME", "TAKEN", "AGE", "MEMORY");
        Instant now = Instant.now();
        for (SnapshotView snapshot : snapshots) {
          table.row(
              snapshot.name(),
              snapshot.takenAt(),
              Ages.between(snapshot.takenAt(), now),
              ByteSize.format(snapshot.bytes()));
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "take",
      header = "Keep a task's machine as it is now.",
      description = {
        "",
        "It stands still until that is done, some seconds for each GiB of its memory. Prints the name."
      },
      footer = {"  atoll snapshot take box", "  atoll snapshot take box before-upgrade"})
  static final class TakeVerb extends Command {
    @Parameters(index = "0", paramLabel = "TASK", description = "Id or name.")
    String task = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "NAME",
        description = "What to call it; by default made of the time.")
    @Nullable String name;

    @Override
    protected int run(Context context) {
      show(context, context.hub().takeSnapshot(task, name));
      return 0;
    }
  }

  @CommandLine.Command(
      name = "restore",
      header = "Put a task's machine back to where it was.",
      description = {
        "",
        "What it did since is lost; its output so far stays. It is the same run, at the same addresses."
      },
      footer = {"  atoll snapshot restore box before-upgrade"})
  static final class RestoreVerb extends Command {
    @Parameters(index = "0", paramLabel = "TASK", description = "Id or name.")
    String task = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Name of the snapshot.")
    String name = "";

    @Override
    protected int run(Context context) {
      show(context, context.hub().restoreSnapshot(task, name));
      return 0;
    }
  }

  @CommandLine.Command(
      name = "rm",
      header = "Give snapshots up.",
      footer = {"  atoll snapshot rm box before-upgrade"})
  static final class RemoveVerb extends Command {
    @Parameters(index = "0", paramLabel = "TASK", description = "Id or name.")
    String task = "";

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "NAME",
        description = "Names of the snapshots.")
    List<String> names = List.of();

    @Override
    protected int run(Context context) {
      for (String name : names) {
        context.hub().removeSnapshot(task, name);
        context.print(name);
      }
      return 0;
    }
  }
}
