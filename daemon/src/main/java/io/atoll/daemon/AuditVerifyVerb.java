package io.atoll.daemon;

import io.atoll.client.cli.Command;
import io.atoll.client.cli.Context;
import io.atoll.core.audit.AuditCheck;
import io.atoll.core.audit.AuditEnd;
import io.atoll.core.audit.SignedEnd;
import io.atoll.core.error.AtollException;
import io.atoll.core.error.ErrorCode;
import io.atoll.core.identity.Identity;
import io.atoll.core.identity.PeerId;
import io.atoll.daemon.hub.AuditEnds;
import io.atoll.daemon.store.sqlite.SqliteStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@CommandLine.Command(
    name = "verify",
    header = "Find out whether a hub's record of who did what was changed; needs no daemon.",
    description = {
      "",
      "Checks a file of `audit export`, or without one the store in the data folder. Status 0 ="
          + " nothing was changed, 5 = something was. Only an end that was kept elsewhere (`audit"
          + " end`) shows that a record was cut by somebody who has the hub's key or all of its"
          + " folder."
    },
    footer = {
      "  atoll audit verify record.jsonl",
      "  atoll audit verify --hub 12D3KooW… record.jsonl",
      "  atoll audit verify --end end.json record.jsonl",
      "  atoll audit verify --data-dir /var/lib/atoll"
    })
final class AuditVerifyVerb extends Command {
  private static final int LARGEST_END = 4096;

  @Option(
      names = "--end",
      paramLabel = "FILE",
      description =
          "What `audit end` printed once: the record has to go on from there. Repeatable.")
  List<Path> ends = List.of();

  @Option(names = "--hub", paramLabel = "PEER", description = "The hub whose record it has to be.")
  @Nullable String hub;

  @Parameters(arity = "0..1", paramLabel = "FILE", description = "What `audit export` wrote.")
  @Nullable Path file;

  /// What is shown of a record that is whole.
  private record Whole(PeerId hub, long entries, String hash) {}

  @Override
  protected int run(Context context) throws IOException {
    AuditCheck check = new AuditCheck();
    PeerId wanted = hub == null ? null : peer(hub);
    for (Path end : ends) {
      SignedEnd kept = end(end);
      check.expect(kept);
      if (wanted != null && !kept.hub().equals(wanted)) {
        throw changed(end + " was signed by " + kept.hub() + " and not by " + wanted);
      }
      wanted = kept.hub();
    }
    Path from = file;
    Path dataDir = context.dataDir();
    SignedEnd last = from == null ? folder(check, dataDir) : export(check, from);
    String what = from == null ? "the record in " + dataDir : from.toString();
    return switch (check.result()) {
      case AuditCheck.Result.Changed(long line, String why) ->
          throw changed(what + " was changed: " + why);
      case AuditCheck.Result.Whole(AuditEnd end) -> {
        if (last == null) {
          throw changed(what + " was changed: its signed end is missing");
        }
        if (wanted != null && !last.hub().equals(wanted)) {
          throw changed(what + " was signed by " + last.hub() + " and not by " + wanted);
        }
        show(context, new Whole(last.hub(), end.seq(), end.hash()), wanted != null || from == null);
        yield 0;
      }
    };
  }

  private static void show(Context context, Whole whole, boolean known) {
    if (context.json()) {
      context.printJson(whole);
    } else {
      context.print("whole    " + whole.entries() + " entries");
      context.print("hub      " + whole.hub());
      context.print("hash     " + whole.hash());
    }
    if (!known && !context.quiet()) {
      context.note("is that your hub? --hub PEER makes sure");
    }
  }

  private static @Nullable SignedEnd export(AuditCheck check, Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "there is no file " + file.toAbsolutePath(),
          "write one with `atoll audit export FILE`");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return check.file(in);
    }
  }

  /// The end is read first: the record of a hub that runs goes on behind it.
  private static @Nullable SignedEnd folder(AuditCheck check, Path dataDir) throws IOException {
    Path kept = dataDir.resolve(AuditEnds.FILE);
    SignedEnd end = Files.exists(kept) ? end(kept) : null;
    if (end != null) {
      check.expect(end);
    }
    long[] entries = new long[1];
    SqliteStore.readAudit(
        dataDir,
        (line, seq) -> {
          entries[0]++;
          check.line(line);
        });
    Path identity = dataDir.resolve("identity");
    if (end == null && entries[0] == 0) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "the hub in " + dataDir + " has no record yet",
          "it begins when this version of Atoll is first started there");
    }
    if (end != null && Files.exists(identity)) {
      PeerId own = Identity.at(identity).id();
      if (!own.equals(end.hub())) {
        throw changed(kept + " was signed by " + end.hub() + " and not by this hub, " + own);
      }
    }
    return end;
  }

  private static SignedEnd end(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new AtollException(
          ErrorCode.NOT_FOUND,
          "there is no file " + file.toAbsolutePath(),
          "keep one with `atoll audit end > FILE`");
    }
    if (Files.size(file) > LARGEST_END) {
      throw changed(file + " is no signed end");
    }
    byte[] bytes = Files.readAllBytes(file);
    int length = bytes.length > 0 && bytes[bytes.length - 1] == '\n' ? bytes.length - 1 : 0;
    try {
      return SignedEnd.read(Arrays.copyOf(bytes, length));
    } catch (IOException e) {
      throw changed(file + " is no signed end, or was changed", e);
    }
  }

  private static PeerId peer(String text) {
    try {
      return PeerId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new AtollException(
          ErrorCode.BAD_REQUEST,
          "--hub: '" + text + "' is no peer id",
          "write the id that the hub shows when it starts, such as 12D3KooW…",
          e);
    }
  }

  private static AtollException changed(String what) {
    return changed(what, null);
  }

  private static AtollException changed(String what, @Nullable Exception cause) {
    return new AtollException(
        ErrorCode.CONFLICT,
        what,
        "compare with an export or a backup from before, and ask who had access to the machine",
        cause);
  }
}
