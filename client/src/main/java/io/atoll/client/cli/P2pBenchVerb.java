package io.atoll.client.cli;

import io.atoll.client.api.BenchRequest;
import io.atoll.client.api.BenchView;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "bench",
    header = "Measure how fast the line to a peer is.",
    description = {
      "",
      "The peer's owner allows it with p2p.bench = true. It takes a minute at most."
    },
    footer = {"  atoll p2p bench reef", "  atoll p2p bench reef --upload 0 --download 256Mi"})
final class P2pBenchVerb extends Command {
  @Mixin PeerTarget target = new PeerTarget();

  @Option(names = "--upload", paramLabel = "SIZE", description = "How much to send (16Mi).")
  @Nullable String upload;

  @Option(names = "--download", paramLabel = "SIZE", description = "How much to take (16Mi).")
  @Nullable String download;

  @Override
  protected int run(Context context) {
    BenchView view =
        P2pNoun.reach(context)
            .bench(target.id(), new BenchRequest(upload, download, target.addresses()));
    if (context.json()) {
      context.printJson(view);
      return 0;
    }
    TaskShowCommand.line(context, "peer", view.peer());
    TaskShowCommand.line(
        context, "over", view.way().toLowerCase(Locale.ROOT) + ", " + view.transport());
    TaskShowCommand.line(context, "round trip", PingCount.millis(view.rttMillis()));
    TaskShowCommand.line(context, "upload", rate(view.upload(), view.uploadMillis()));
    TaskShowCommand.line(context, "download", rate(view.download(), view.downloadMillis()));
    return 0;
  }

  private static @Nullable String rate(long bytes, double millis) {
    return bytes == 0 || millis <= 0
        ? null
        : String.format(Locale.ROOT, "%.1f MB/s", bytes / 1000.0 / millis);
  }
}
