package io.atoll.client.cli;

import io.atoll.client.api.LatencyView;
import io.atoll.client.request.TimeSpan;
import io.atoll.core.identity.PeerId;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Option;

@CommandLine.Command(
    name = "latency",
    header = "Show how far peers are, and which nodes are near each other.",
    description = {
      "",
      "Daemons measure the round trips to their peers and tell each other, signed. One that only its"
          + " peer tells of is shown with a question mark."
    },
    footer = {"  atoll p2p latency", "  atoll p2p latency --within 10ms -o json"})
final class P2pLatencyVerb extends Command {
  private static final Duration MOST = Duration.ofMinutes(1);

  @Option(
      names = "--within",
      paramLabel = "TIME",
      description = "The round trip of what is near (50ms).")
  String within = "50ms";

  @Override
  protected int run(Context context) {
    LatencyView view = P2pNoun.reach(context).latency(millis());
    if (context.json()) {
      context.printJson(view);
      return 0;
    }
    if (context.quiet()) {
      view.peers().forEach(peer -> context.print(peer.peer().text()));
      return 0;
    }
    Table table = new Table("PEER", "ROUND TRIP");
    view.peers()
        .forEach(
            peer ->
                table.row(
                    peer.peer(),
                    PingCount.millis(peer.rttMillis()) + (peer.confirmed() ? "" : " ?")));
    context.print(table);
    for (List<PeerId> group : view.groups()) {
      context.note(
          "within "
              + view.withinMillis()
              + " ms of each other: "
              + group.stream().map(PeerId::text).collect(Collectors.joining(", ")));
    }
    return 0;
  }

  private int millis() {
    try {
      Duration span = TimeSpan.parse(within);
      if (span.isPositive() && span.compareTo(MOST) <= 0) {
        return (int) span.toMillis();
      }
    } catch (IllegalArgumentException e) {
      // answered below, as what is out of range
    }
    throw usage("Invalid value for --within: write a time up to 1m, such as 50ms");
  }
}
