package io.atoll.client.cli;

import io.atoll.client.HubClient;
import io.atoll.client.api.AuditPage;
import io.atoll.client.api.AuditView;
import io.atoll.client.request.Shown;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "audit",
    header = "Who did what at the hub, in a record that cannot be changed unseen.",
    description = {"", "For the owner of the hub's machine. `verify` needs no daemon."},
    footer = {
      "  atoll audit list",
      "  atoll audit export record.jsonl",
      "  atoll audit verify record.jsonl",
      "  atoll audit end > end-of-today.json        and keep it on another machine"
    },
    subcommands = {AuditNoun.ListVerb.class, AuditNoun.ExportVerb.class, AuditNoun.EndVerb.class})
final class AuditNoun extends Noun {
  private static final int PAGE = 1000;

  @CommandLine.Command(
      name = "list",
      header = "Show the newest entries, or those behind a number.",
      footer = {
        "  atoll audit list",
        "  atoll audit list --last 500",
        "  atoll audit list --after 0"
      })
  static final class ListVerb extends Command {
    @Option(names = "--last", paramLabel = "N", description = "How many (50).")
    int last = 50;

    @Option(names = "--after", paramLabel = "SEQ", description = "All entries behind this one.")
    @Nullable Long after;

    @Override
    protected int run(Context context) {
      if (last < 1 || (after != null && after < 0)) {
        throw usage("--last is at least 1, and --after is never negative");
      }
      HubClient hub = context.hub();
      long from = after == null ? Math.max(0, hub.auditEnd().seq() - last) : after;
      List<AuditView> entries = new ArrayList<>();
      while (true) {
        AuditPage page = hub.audit(from, PAGE);
        entries.addAll(page.entries());
        if (page.entries().isEmpty() || page.entries().getLast().seq() >= page.last()) {
          break;
        }
        from = page.entries().getLast().seq();
      }
      if (context.json()) {
        context.printJson(entries);
      } else if (context.quiet()) {
        entries.forEach(entry -> context.print(Long.toString(entry.seq())));
      } else {
        Table table = new Table("SEQ", "AT", "WHO", "ACTION", "OUTCOME", "TIMES", "OBJECT");
        for (AuditView entry : entries) {
          table.row(
              entry.seq(),
              entry.at().truncatedTo(ChronoUnit.MILLIS),
              Shown.plain(entry.who(), 80),
              Shown.plain(entry.action(), 80),
              Shown.plain(entry.outcome(), 40),
              entry.times(),
              Shown.plain(entry.object(), 80));
        }
        context.print(table);
      }
      return 0;
    }
  }

  @CommandLine.Command(
      name = "export",
      header = "Write the whole record with its signed end to a file.",
      description = {"", "The file is there whole or not at all. `audit verify FILE` checks it."},
      footer = {"  atoll audit export record.jsonl", "  atoll audit verify record.jsonl"})
  static final class ExportVerb extends Command {
    @Option(names = "--force", description = "Replace the file if it is there.")
    boolean force;

    @Parameters(paramLabel = "FILE", description = "Where to.")
    Path file = Path.of("");

    @Override
    protected int run(Context context) {
      if (Files.exists(file) && (!force || !Files.isRegularFile(file))) {
        throw new AtollException(
            ErrorCode.CONFLICT,
            file + " is there already",
            "choose another name, or replace a file with --force");
      }
      Path part = file.resolveSibling(file.getFileName() + ".part");
      try {
        Files.deleteIfExists(part);
        try (FileChannel channel =
                FileChannel.open(
                    part,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    BackupCommand.readableByOwner(part));
            OutputStream out = Channels.newOutputStream(channel)) {
          context.hub().exportAudit(out);
          channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (context.json()) {
          context.printJson(Map.of("file", file.toString(), "bytes", Files.size(file)));
        } else {
          context.print(file.toString());
        }
        return 0;
      } catch (IOException e) {
        throw new AtollException(
            ErrorCode.DISK_FULL,
            "cannot write " + file + ": " + e.getMessage(),
            "check that its folder is there, is writable and has room",
            e);
      } finally {
        BackupCommand.removed(part);
      }
    }
  }

  @CommandLine.Command(
      name = "end",
      header = "Print the hub's signed word of where the record ends now.",
      description = {
        "",
        "Kept on another machine, it proves later that nothing up to there was cut or written anew."
      },
      footer = {"  atoll audit end > end.json", "  atoll audit verify --end end.json record.jsonl"})
  static final class EndVerb extends Command {
    @Override
    protected int run(Context context) {
      context.print(Json.write(context.hub().auditEnd()));
      return 0;
    }
  }
}
