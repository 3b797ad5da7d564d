package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.daemon.store.FolderLock;
import io.atoll.daemon.store.sqlite.Restored;
import io.atoll.daemon.store.sqlite.SqliteStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "restore",
    header = "Put a backup in the place of the hub's store; with the hub stopped.",
    description = {
      "",
      "The store that was there is kept beside it. At its next start the hub asks every provider what it"
          + " runs before it starts anything that may run already: nothing is ended or doubled."
    },
    footer = {
      "  atoll restore hub-2026-01-31.db",
      "  atoll restore --data-dir /var/lib/atoll hub-2026-01-31.db"
    })
final class RestoreCommand extends Command {
  @Parameters(paramLabel = "FILE", description = "What `atoll backup` wrote.")
  Path file = Path.of("");

  /// @param restored the file that was restored
  /// @param store now in place
  /// @param kept the store that it replaced; null if there was none
  /// @param generation in which the hub gives out epochs from now on
  /// @param identity whether the hub keeps its peer id
  private record Outcome(
      String restored, String store, @Nullable String kept, int generation, boolean identity) {}

  @Override
  protected int run(Context context) {
    Path dataDir = context.dataDir();
    Path backup = file.toAbsolutePath();
    if (!Files.exists(dataDir) && !Files.isRegularFile(backup)) {
      // so that a typing mistake makes no folder
      throw usage("there is no file " + backup);
    }
    Restored done;
    try (FolderLock _ = DataFolder.take(dataDir)) {
      done = SqliteStore.restore(backup, dataDir);
    }
    Path kept = done.kept();
    Outcome outcome =
        new Outcome(
            backup.toString(),
            done.store().toString(),
            kept == null ? null : kept.toString(),
            done.highest().generation(),
            Files.exists(dataDir.resolve("identity")));
    if (context.json()) {
      context.printJson(outcome);
    } else {
      context.print("restored    " + outcome.restored());
      context.print("store       " + outcome.store());
      context.print("kept        " + (kept == null ? "nothing: there was no store" : kept));
      context.print("generation  " + outcome.generation());
    }
    if (!context.quiet()) {
      context.note(
          "next: `atoll up`. The hub asks every provider what it runs before it starts anything");
      if (!outcome.identity()) {
        context.note(
            "this folder has no identity: copy the file `identity` of the hub's former folder into "
                + dataDir
                + " first, or the hub gets a new peer id and every provider has to join anew");
      }
    }
    return 0;
  }
}
